import Datasets
import Foundation
import Records
import Synchronization
import Video

/// Renders the demo data: surveillance-like clips with normal life and five kinds
/// of anomaly, in UCF-Crime's own layout, lists and annotation format.
package enum DemoDataset {
  /// How far rendering has come; reported after each clip.
  package struct Progress: Sendable {
    package var finishedClips: Int
    package var clips: Int
    package var frames: Int
  }

  /// What was rendered.
  package struct Summary: Codable, Sendable, Equatable {
    package var clips: Int
    package var trainingClips: Int
    package var testClips: Int
    package var frames: Int
    /// Frames inside the test clips' events.
    package var testEventFrames: Int
  }

  /// The clips that `make demo` uses: 56 to train, 24 to test.
  package static let defaultClipCount = 80

  /// Renders `clips` clips below `folder`, with `jobs` threads.
  ///
  /// The same seed and number give the same bytes, whatever the number of threads.
  /// A clip that an earlier call with the same seed and number finished is
  /// rendered again: rendering is quick. Files of another rendering in the folder
  /// are removed first; a folder that holds anything else is refused.
  ///
  /// - Throws: `DemoError`, or `VideoError` where no H.264 encoder is to be had.
  @discardableResult
  package static func render(
    to folder: URL, seed: UInt64, clips: Int = defaultClipCount, jobs: Int = 2,
    progress: (@Sendable (Progress) -> Void)? = nil
  ) throws -> Summary {
    guard clips >= 4 else { throw DemoError.tooFewClips(clips) }
    guard clips <= 2000 else { throw DemoError.tooManyClips(clips) }
    let plan = DemoPlan(seed: seed, count: clips)
    try prepare(folder, plan: plan)
    let done = Mutex((clips: 0, frames: 0))
    let events = try Parallel.map(plan.clips, jobs: jobs) { clip in
      let events = try renderClip(clip, seed: seed, folder: folder)
      done.withLock {
        $0 = ($0.clips + 1, $0.frames + clip.frameCount)
        progress?(Progress(finishedClips: $0.clips, clips: plan.clips.count, frames: $0.frames))
      }
      return events
    }
    try writeLists(plan, events: events, seed: seed, to: folder)
    let test = zip(plan.clips, events).filter { !$0.0.isTraining }
    return Summary(
      clips: plan.clips.count, trainingClips: plan.clips.count - test.count,
      testClips: test.count, frames: plan.clips.reduce(0) { $0 + $1.frameCount },
      testEventFrames: test.reduce(0) { $0 + $1.1.reduce(0) { $0 + $1.count } })
  }

  /// The list files' names, as UCF-Crime's.
  static let trainingList = "Anomaly_Train.txt"
  static let testList = "Anomaly_Test.txt"
  static let annotation = "Temporal_Anomaly_Annotation.txt"
  static let readme = "README.txt"

  private static func renderClip(_ clip: DemoPlan.Clip, seed: UInt64, folder: URL) throws
    -> [Range<Int>]
  {
    var events: [Range<Int>] = []
    try AtomicFile.write(to: folder.appendingPathComponent(clip.path)) { temporary in
      let writer = try VideoWriter(
        path: temporary.path, width: Camera.width, height: Camera.height,
        frameRate: DemoPlan.frameRate, quality: 27)
      events = try ClipRenderer(clip: clip, seed: seed).render(writer.append)
      try writer.finish()
    }
    return events
  }

  /// Makes the folder, or empties it of an earlier rendering.
  private static func prepare(_ folder: URL, plan: DemoPlan) throws {
    let manager = FileManager.default
    var isFolder: ObjCBool = false
    guard manager.fileExists(atPath: folder.path, isDirectory: &isFolder) else {
      do {
        try manager.createDirectory(at: folder, withIntermediateDirectories: true)
      } catch {
        throw RecordError.cannotWrite(path: folder.path, reason: error.localizedDescription)
      }
      return
    }
    guard isFolder.boolValue else {
      throw DemoError.folderInTheWay(path: folder.path, finding: "a file, not a folder")
    }
    let ours =
      [trainingList, testList, annotation, readme, "Training_Normal_Videos_Anomaly"]
      + ["Testing_Normal_Videos_Anomaly"] + DemoPlan.anomalyClasses
    let there = try manager.contentsOfDirectory(atPath: folder.path)
    if let other = there.first(where: { !ours.contains($0) }) {
      throw DemoError.folderInTheWay(
        path: folder.path, finding: "holds '\(other)', which is no demo data")
    }
    for name in there { try manager.removeItem(at: folder.appendingPathComponent(name)) }
  }

  private static func writeLists(
    _ plan: DemoPlan, events: [[Range<Int>]], seed: UInt64, to folder: URL
  ) throws {
    func write(_ text: String, _ name: String) throws {
      try AtomicFile.write(Data(text.utf8), to: folder.appendingPathComponent(name))
    }
    func list(_ isTraining: Bool) -> String {
      plan.clips.filter { $0.isTraining == isTraining }.map { $0.path + "\n" }.joined()
    }
    let entries = zip(plan.clips, events).filter { !$0.0.isTraining }.map { clip, events in
      UCFAnnotationFile.Entry(
        fileName: clip.name + ".mp4", className: clip.className, events: events)
    }
    try write(list(true), trainingList)
    try write(list(false), testList)
    try write(UCFAnnotationFile(entries: entries).text, annotation)
    try write(DemoReadme.text(seed: seed, plan: plan), readme)
  }
}
