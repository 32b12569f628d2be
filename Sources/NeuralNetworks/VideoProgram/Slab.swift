import Foundation

/// Memory for numbers that is allocated once and handed out by the step: 64-byte aligned,
/// in huge pages where the system has them.
final class Slab {
  private(set) var count = 0
  private var base: UnsafeMutableRawPointer?
  private static let pageBytes = 2 << 20

  /// Where the reserved room begins.
  var start: UnsafeMutablePointer<Float> { reserve(0) }

  /// Room for so many numbers; what was there is lost where it has to grow.
  @discardableResult
  func reserve(_ wanted: Int) -> UnsafeMutablePointer<Float> {
    if wanted > count || base == nil {
      if let base { munmap(base, bytes(count)) }
      count = wanted
      // MAP_FAILED is the address of all ones.
      let mapped = mmap(
        nil, bytes(wanted), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard let mapped, Int(bitPattern: mapped) != -1 else {
        fatalError("no memory for \(bytes(wanted) >> 20) MiB; take a smaller batchSize")
      }
      madvise(mapped, bytes(wanted), 14)  // MADV_HUGEPAGE, which Glibc's module leaves out.
      base = mapped
    }
    // Reserved above.
    return base!.assumingMemoryBound(to: Float.self)
  }

  private func bytes(_ count: Int) -> Int {
    (max(1, count) * 4 + Self.pageBytes - 1) / Self.pageBytes * Self.pageBytes
  }

  deinit {
    if let base { munmap(base, bytes(count)) }
  }
}

/// Hands out parts of a slab, one after the other.
struct SlabCursor {
  private var next: UnsafeMutablePointer<Float>

  init(_ base: UnsafeMutablePointer<Float>) { next = base }

  /// What `take` takes for so many numbers: whole cache lines.
  static func rounded(_ count: Int) -> Int { (count + 15) / 16 * 16 }

  mutating func take(_ count: Int) -> UnsafeMutablePointer<Float> {
    defer { next += Self.rounded(count) }
    return next
  }
}
