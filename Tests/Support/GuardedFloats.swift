import Foundation

/// Numbers that end where a page begins that may not be touched: a kernel that reads or writes
/// behind them ends the test run.
public final class GuardedFloats {
  public let start: UnsafeMutablePointer<Float>
  private let count: Int
  private let pages: UnsafeMutableRawPointer
  private let size: Int

  public init(_ numbers: [Float]) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    count = numbers.count
    let used = (count * 4 + page - 1) / page * page
    size = used + page
    guard
      let mapped = mmap(
        nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      mapped != MAP_FAILED, mprotect(mapped + used, page, PROT_NONE) == 0
    else { fatalError("the system gives no memory for a guard page") }
    pages = mapped
    start = (mapped + used - count * 4).bindMemory(to: Float.self, capacity: count)
    start.update(from: numbers, count: count)
  }

  deinit { munmap(pages, size) }

  public var numbers: [Float] { Array(UnsafeBufferPointer(start: start, count: count)) }
}
