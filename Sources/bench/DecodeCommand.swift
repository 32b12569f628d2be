import ArgumentParser
import Foundation
import Video

/// Sparse decoding alone: the index, then the first frame of every interval, decoded
/// and not converted.
struct DecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode", abstract: "Seconds to decode frames of a video at a sampling rate.")

  @Argument(help: "The video.")
  var path: String

  @Option(help: "Frames a second of video.")
  var rate: Double = 1

  @Option(help: "Decoding threads.")
  var threads: Int = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "Repetitions; the median counts.")
  var repeats: Int = 3

  @Flag(help: "Convert the frames to RGB too.")
  var convert = false

  func run() throws {
    var indexSeconds: [Double] = []
    var seconds: [Double] = []
    var line = ""
    for _ in 0..<max(1, repeats) {
      let start = ContinuousClock.now
      let index = try FrameIndex(path: path)
      indexSeconds.append((ContinuousClock.now - start) / .seconds(1))
      let wanted = sampled(index.timestamps)
      let report =
        convert
        ? try SparseFrames.decode(at: wanted, of: index, threads: threads) { _ in }
        : try SparseFrames.decodeOnly(at: wanted, of: index, threads: threads)
      seconds.append((ContinuousClock.now - start) / .seconds(1))
      for warning in report.warnings {
        FileHandle.standardError.write(Data("warning: \(warning)\n".utf8))
      }
      line =
        "\(wanted.count) of \(index.frameCount) frames, \(report.decodedFrameCount) decoded, "
        + "\(report.missing.count) missing, \(report.seekCount) jumps, \(threads) threads"
    }
    let (whole, indexing) = (Timings(seconds), Timings(indexSeconds))
    print(
      String(
        format: "decode: median %.3f s, least %.3f s (index %.3f s): ", whole.median,
        whole.least, indexing.median) + line)
  }

  /// The first frame at or after each multiple of the sampling interval.
  private func sampled(_ times: [Double]) -> [Int] {
    var due = 0.0
    return times.indices.filter { frame in
      guard times[frame] >= due / rate - 1e-9 else { return false }
      due = (times[frame] * rate + 1e-9).rounded(.down) + 1
      return true
    }
  }
}
