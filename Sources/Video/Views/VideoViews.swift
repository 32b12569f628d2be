import Foundation
import Records

/// The views of several videos: of a data set whose cameras differ.
public struct VideoViews: Sendable, Hashable, CustomStringConvertible {
  /// A view with the videos that it is for.
  public struct Rule: Sendable, Hashable {
    /// A shell pattern for video ids, ignoring case; nil for all videos.
    public var pattern: String?
    public var view: VideoView

    public init(pattern: String? = nil, view: VideoView) {
      self.pattern = pattern
      self.view = view
    }
  }

  /// Later rules add to and replace what earlier ones say.
  public private(set) var rules: [Rule]

  /// All videos as recorded.
  public static let asRecorded = VideoViews(rules: [])

  public init(rules: [Rule]) {
    self.rules = rules.filter { $0.view != .asRecorded }
  }

  /// One view for all videos.
  public init(_ view: VideoView) {
    self.init(rules: [Rule(view: view)])
  }

  /// The view of a video by its id.
  public func view(of id: String) -> VideoView {
    var view = VideoView.asRecorded
    for rule in rules where Self.fits(rule, id) {
      view.pixelAspect = rule.view.pixelAspect ?? view.pixelAspect
      view.mask = rule.view.mask ?? view.mask
    }
    return view
  }

  private static func fits(_ rule: Rule, _ id: String) -> Bool {
    rule.pattern.map { ShellPattern.matches(id, $0) } ?? true
  }

  /// The patterns that are for none of these videos.
  public func unmatchedPatterns(among ids: [String]) -> [String] {
    rules.filter { rule in !ids.contains { Self.fits(rule, $0) } }.compactMap(\.pattern)
  }

  /// These views, replaced where `view` says something.
  public func replaced(by view: VideoView) -> VideoViews {
    VideoViews(rules: rules + [Rule(view: view)])
  }

  public var description: String { keyText ?? "as recorded" }

  /// The rules as text for keys; nil if all videos are read as recorded.
  public var keyText: String? {
    guard !rules.isEmpty else { return nil }
    return rules.map { rule in
      "\(rule.pattern ?? "all") \(rule.view.record?.keyText ?? "")"
    }.joined(separator: "; ")
  }
}
