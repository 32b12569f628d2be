// The four key frames of a video, as JPEG files:  KeyFrames VIDEO
import Foundation
import KeyEvents
import Video

let selection = try KeyEventSelector.select(
  path: CommandLine.arguments[1], options: SelectionOptions(frames: 4), scorer: NoveltyScorer())

for (frame, reason) in zip(selection.frames, selection.record.frames.map(\.reason)) {
  let file = "key-\(frame.frameIndex).jpg"
  try JPEGCodec.encode(frame.image).write(to: URL(fileURLWithPath: file))
  print(String(format: "%6.2f s", frame.timestampSeconds), file, reason)
}
