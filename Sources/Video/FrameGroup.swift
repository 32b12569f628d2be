/// Wanted frames that one run of the decoder gives: it begins at a key frame and ends
/// after the packet of the last of them.
struct FrameGroup: Sendable, Equatable {
  /// The first packet to decode, a place in `FrameIndex.packets`.
  var start: Int
  /// The last packet to decode.
  var end: Int
  /// Display indices of the wanted frames, ascending.
  var wanted: [Int]

  /// The runs that give all wanted frames, in display order and without overlap.
  ///
  /// A frame is governed by the last key frame that comes no later than it, both in
  /// decoding and in display order: what is decoded after a key frame but shown
  /// before it (the leading pictures of an open group) needs the one before.
  ///
  /// - Parameter wanted: Display indices, ascending.
  static func groups(of wanted: [Int], in index: FrameIndex) -> [FrameGroup] {
    let keys = index.packets.indices.filter { index.packets[$0].isKey }
    var groups: [FrameGroup] = []
    for frame in wanted {
      let place = index.shownPackets[frame]
      let start = governing(place, among: keys, in: index)
      if let last = groups.last, start <= last.end || start == last.start {
        let group = groups.count - 1
        groups[group].start = min(last.start, start)
        groups[group].end = max(last.end, place)
        groups[group].wanted.append(frame)
      } else {
        groups.append(FrameGroup(start: start, end: place, wanted: [frame]))
      }
    }
    return groups
  }

  /// The same run begun one key frame earlier, for frames that it did not give; nil
  /// where there is none.
  func begunEarlier(for missing: [Int], in index: FrameIndex) -> FrameGroup? {
    guard start > 0 else { return nil }
    let earlier = index.packets[..<start].lastIndex(where: \.isKey) ?? 0
    return FrameGroup(start: earlier, end: end, wanted: missing)
  }

  private static func governing(_ place: Int, among keys: [Int], in index: FrameIndex) -> Int {
    guard let shown = index.packets[place].presentationTicks else { return 0 }
    var low = 0
    var high = keys.count
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] <= place { low = middle + 1 } else { high = middle }
    }
    while low > 0 {
      low -= 1
      if let key = index.packets[keys[low]].presentationTicks, key <= shown { return keys[low] }
    }
    return 0
  }
}
