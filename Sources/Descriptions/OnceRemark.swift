import Synchronization

/// Says a thing once in a run, however often it is met.
final class OnceRemark: Sendable {
  private let isSaid = Mutex(false)
  private let remark: @Sendable (String) -> Void

  init(_ remark: @escaping @Sendable (String) -> Void) {
    self.remark = remark
  }

  func say(_ text: @autoclosure () -> String) {
    let isFirst = isSaid.withLock { isSaid in
      defer { isSaid = true }
      return !isSaid
    }
    if isFirst { remark(text()) }
  }
}
