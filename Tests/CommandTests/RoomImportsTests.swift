import Foundation
import Testing

/// Package.swift gives each target the closure of its room's imports, so the compiler does not
/// notice an undeclared one.
@Suite struct RoomImportsTests {
  private let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test func everyRoomImportsWhatItDeclaresAndNothingElse() throws {
    let rooms = try declaredImports()
    #expect(rooms.count > 20)
    let modules = Set(rooms.keys).union(rooms.values.joined())
    for (room, declared) in rooms {
      let used = try imports(in: root.appendingPathComponent("Sources/\(room)"))
        .intersection(modules)
      #expect(used.subtracting(declared).sorted() == [], "\(room) imports undeclared rooms")
      #expect(declared.subtracting(used).sorted() == [], "\(room) declares unused rooms")
    }
  }

  /// The rooms' `imports:` as they stand in Package.swift.
  private func declaredImports() throws -> [String: Set<String>] {
    let manifest = try String(
      contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
    let list = try #require(
      manifest.firstMatch(of: #/(?s)let rooms: \[Room\] = \[(.*?)\n\]/#)
    ).output.1
    var rooms: [String: Set<String>] = [:]
    for room in String(list).components(separatedBy: "Room(").dropFirst() {
      guard let name = room.firstMatch(of: #/name: "([^"]+)"/#)?.output.1 else { continue }
      let imports = room.firstMatch(of: #/(?s)imports: \[(.*?)\]/#)?.output.1 ?? ""
      rooms[String(name)] = Set(imports.matches(of: #/"([^"]+)"/#).map { String($0.output.1) })
    }
    return rooms
  }

  private func imports(in folder: URL) throws -> Set<String> {
    var found: Set<String> = []
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift" else { continue }
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        let pattern = #/^(?:@\w+ )*(?:public |package )?import (?:\w+ )?(\w+)/#
        if let match = line.firstMatch(of: pattern) { found.insert(String(match.output.1)) }
      }
    }
    return found
  }
}
