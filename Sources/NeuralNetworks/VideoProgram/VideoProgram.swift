import Foundation
import Tensors

/// The part of a model that treats each video by itself, as explicit forward and backward code
/// beside the tape: blocks in the order of the paper, and at their end the classifier, or the
/// features for a model that goes on with all videos together.
///
/// Each video is one task of one worker, with single-threaded products on memory that is
/// allocated once. Videos are assigned and sums are added in a fixed order: the bits are equal at
/// one number of threads. What joins the videos of a batch stays on the tape, which gets this
/// part's results as the result of an operation and hands back their gradients.
public final class VideoProgram {
  struct Step {
    var block: any VideoBlock
    var inputs: [Int]
  }

  private let inputWidth: Int
  private let leaks: Bool
  private let steps: [Step]
  private let head: any VideoHead
  /// Nil for a model without class logits.
  private let alignment: AlignmentHead?
  /// The slot of the features X; slot 0 is the input.
  private let features: Int
  private let library: ProductLibrary

  private let slab = Slab()
  private let sumSlab = Slab()
  /// Those of the run under way: their number decides the order of sums, so it stays as it was
  /// in the forward pass.
  private var workers: [Worker] = []
  /// Multiplications and additions of products in the last finished step.
  public private(set) var operations = 0

  /// One worker's memory for one video at a time.
  private final class Worker {
    let products: Products
    let scratch = Slab()

    init(_ library: ProductLibrary) { products = Products(library) }
  }

  /// - Parameter leaks: whether padded rows are computed, as in VadCLIP's code.
  init(
    inputWidth: Int, steps: [Step], head: any VideoHead, alignment: AlignmentHead?, features: Int,
    leaks: Bool, library: ProductLibrary
  ) {
    self.inputWidth = inputWidth
    self.steps = steps
    self.head = head
    self.features = features
    self.leaks = leaks
    self.alignment = alignment
    self.library = library
  }

  private func width(_ slot: Int) -> Int {
    slot == 0 ? inputWidth : steps[slot - 1].block.outputWidth
  }

  private var parameters: [Variable<Float>] {
    steps.flatMap(\.block.parameters) + head.parameters
  }

  private var gradientCount: Int {
    steps.reduce(SlabCursor.rounded(head.gradientCount)) {
      $0 + SlabCursor.rounded($1.block.gradientCount)
    }
  }

  // MARK: - One step

  /// A forward pass that waits for its backward pass.
  public final class Run {
    fileprivate let program: VideoProgram
    /// A row of the head's results a video.
    fileprivate let results: Variable<Float>
    fileprivate let frames: [Frame]

    fileprivate init(_ program: VideoProgram, _ results: Variable<Float>, _ frames: [Frame]) {
      self.program = program
      self.results = results
      self.frames = frames
    }

    /// The mean of each video's greatest scores, [B].
    public private(set) lazy var pooled =
      scored.columns(0..<1).reshaped([results.shape[0]])
    /// Σ weight·X of each video, [B, D].
    public private(set) lazy var vectors = scored.columns(1..<results.shape[1])

    private var scored: Variable<Float> {
      precondition(program.head is ScoreHead, "a program that ends in features has no scores")
      return results
    }

    /// X of a program that ends in features, [B, T, D]; 0 in rows that are not computed.
    public private(set) lazy var features: Variable<Float> = {
      precondition(program.head is FeatureHead, "a program that ends in scores")
      let width = program.width(program.features)
      return results.reshaped([results.shape[0], results.shape[1] / width, width])
    }()

    /// Of every class, the mean of a video's greatest cos(X_t, T_c)/τ, [B, C].
    ///
    /// - Parameter texts: T, [B, C, D].
    public func aligned(to texts: Variable<Float>) -> Variable<Float> {
      program.align(self, texts)
    }
  }

  /// One video in a step. Pointers are into the program's slab.
  fileprivate final class Frame {
    let size: VideoSize
    /// Row of the batch.
    let row: Int
    var slots: [UnsafeMutablePointer<Float>] = []
    var kept: [UnsafeMutablePointer<Float>] = []
    var result = ScoreHead.Result()
    var alignment = AlignmentHead.Kept()

    init(row: Int, size: VideoSize) {
      self.row = row
      self.size = size
    }
  }

  /// The forward pass over a batch.
  ///
  /// - Parameters:
  ///   - batch: features, [B, T, inputWidth], zero beyond each length.
  ///   - prior: what is added to the logits, [B, T].
  ///   - threads: the number of workers, which decides the order of sums; nil for
  ///     `MatrixThreads.count`.
  public func run(
    _ batch: Tensor<Float>, lengths: [Int], prior: Tensor<Float>?, threads: Int? = nil
  ) -> Run {
    let (count, batchSteps) = (batch.shape[0], batch.shape[1])
    let frames = lengths.enumerated().map { row, length in
      Frame(
        row: row,
        size: VideoSize(length: length, rows: leaks ? batchSteps : length, steps: batchSteps))
    }
    layOut(frames, threads: threads ?? MatrixThreads.count)
    for step in steps { step.block.prepare() }
    head.prepare()
    let resultCount = head.resultCount(steps: batchSteps)
    var results = Tensor<Float>(shape: [count, resultCount])
    results.scalars.withUnsafeMutableBufferPointer { results in
      batch.scalars.withUnsafeBufferPointer { batch in
        nonisolated(unsafe) let (results, batch) = (results, batch)
        forEachFrame(frames) { frame, worker in
          // The step reads it only.
          frame.slots[0] = UnsafeMutablePointer(
            mutating: batch.baseAddress! + frame.row * batchSteps * self.inputWidth)
          self.forward(frame, worker)
          prior.withPointer(at: frame.row * batchSteps) { prior in
            frame.result = self.head.forward(
              frame.slots[self.features], frame.size, prior: prior,
              kept: frame.kept[self.steps.count],
              results: results.baseAddress! + frame.row * resultCount, worker.products)
          }
        }
      }
    }
    let parameters = parameters
    let tracked = Variable(results, from: parameters) { [self] slope in
      let sums = backward(frames, batch: batch, slope: slope)
      for (parameter, gradient) in zip(parameters, sums) { parameter.accumulate(gradient) }
    }
    return Run(self, tracked, frames)
  }

  private func forward(_ frame: Frame, _ worker: Worker) {
    var cursor = SlabCursor(worker.scratch.start)
    placeCheapSlots(frame, &cursor)
    for index in steps.indices { forward(index, frame, scratch: cursor.take(0), worker.products) }
  }

  private func forward(
    _ index: Int, _ frame: Frame, scratch: UnsafeMutablePointer<Float>, _ products: Products
  ) {
    steps[index].block.forward(
      BlockPass(
        size: frame.size, inputs: steps[index].inputs.map { frame.slots[$0] },
        output: frame.slots[index + 1], kept: frame.kept[index], scratch: scratch,
        products: products))
  }

  /// Outputs that are computed again lie in the worker's memory.
  private func placeCheapSlots(_ frame: Frame, _ cursor: inout SlabCursor) {
    for (index, step) in steps.enumerated() where step.block.isCheap {
      frame.slots[index + 1] = cursor.take(frame.size.rows * step.block.outputWidth)
    }
  }

  /// The gradients of `parameters`.
  private func backward(_ frames: [Frame], batch: Tensor<Float>, slope: Tensor<Float>)
    -> [Tensor<Float>]
  {
    let total = gradientCount
    let parts = workers.count
    let sums = sumSlab.reserve(total * parts)
    let resultCount = slope.shape[1]
    batch.scalars.withUnsafeBufferPointer { batch in
      slope.scalars.withUnsafeBufferPointer { slope in
        nonisolated(unsafe) let (sums, slope, batch) = (sums, slope, batch)
        forEachWorker(frames) { number, worker, own in
          let mine = sums + number * total
          mine.update(repeating: 0, count: total)
          for frame in own {
            // The batch's memory may be elsewhere than in the forward pass.
            frame.slots[0] = UnsafeMutablePointer(
              mutating: batch.baseAddress! + frame.row * frame.size.steps * self.inputWidth)
            self.backward(
              frame, worker, slope: slope.baseAddress! + frame.row * resultCount, sums: mine)
          }
        }
      }
    }
    operations = workers.reduce(0) { $0 + $1.products.operations }
    for part in 1..<max(1, parts) { loops.add(sums, sums + part * total, total) }
    var cursor = SlabCursor(sums)
    return steps.flatMap { $0.block.gradients(cursor.take($0.block.gradientCount)) }
      + head.gradients(cursor.take(head.gradientCount))
  }

  private func backward(
    _ frame: Frame, _ worker: Worker, slope: UnsafePointer<Float>,
    sums: UnsafeMutablePointer<Float>
  ) {
    let size = frame.size
    var cursor = SlabCursor(worker.scratch.start)
    placeCheapSlots(frame, &cursor)
    let slopes = (0...steps.count).map { slot -> UnsafeMutablePointer<Float>? in
      guard slot > 0 else { return nil }
      let slope = cursor.take(size.rows * width(slot))
      slope.update(repeating: 0, count: size.rows * width(slot))
      return slope
    }
    // A model without blocks has only its classifier to train.
    let end = slopes[features] ?? cursor.take(size.rows * width(features))
    let scratch = cursor.take(0)
    for (index, step) in steps.enumerated() where step.block.isCheap {
      forward(index, frame, scratch: scratch, worker.products)
    }
    var sumCursor = SlabCursor(sums)
    let blockSums = steps.map { sumCursor.take($0.block.gradientCount) }
    if features > 0 {
      alignment?.addGradient(
        frame.alignment, frame.slots[features], size.length, to: end, scratch: scratch,
        worker.products)
    }
    head.backward(
      frame.slots[features], size, result: frame.result, slope: slope,
      kept: frame.kept[steps.count], scratch: scratch, dx: end,
      sums: sumCursor.take(head.gradientCount), worker.products)
    for (index, step) in steps.enumerated().reversed() {
      step.block.backward(
        BlockPass(
          size: size, inputs: step.inputs.map { frame.slots[$0] },
          output: frame.slots[index + 1], kept: frame.kept[index], scratch: scratch,
          inputGradients: step.inputs.map { slopes[$0] }, outputGradient: slopes[index + 1],
          sums: blockSums[index], products: worker.products))
    }
  }

  // MARK: - Class logits

  private func align(_ run: Run, _ texts: Variable<Float>) -> Variable<Float> {
    guard let alignment else { preconditionFailure("a program without class logits") }
    let (count, classes, width) = (texts.shape[0], texts.shape[1], texts.shape[2])
    let unit = texts.l2Normalized()
    var pooled = Tensor<Float>(shape: [count, classes])
    pooled.scalars.withUnsafeMutableBufferPointer { pooled in
      unit.value.scalars.withUnsafeBufferPointer { unit in
        nonisolated(unsafe) let (pooled, unit) = (pooled, unit)
        forEachFrame(run.frames) { frame, worker in
          let own = frame.row * classes * width
          frame.alignment = alignment.forward(
            frame.slots[self.features], frame.size.length,
            texts: Array(unit[own..<own + classes * width]), classes: classes,
            scratch: worker.scratch, worker.products)
          for (column, top) in frame.alignment.pooled.enumerated() {
            pooled[frame.row * classes + column] = top.pooled
          }
        }
      }
    }
    return Variable(pooled, from: [run.results, unit]) { [self] slope in
      var textSlope = Tensor<Float>(shape: [count, classes, width])
      textSlope.scalars.withUnsafeMutableBufferPointer { target in
        slope.scalars.withUnsafeBufferPointer { slope in
          nonisolated(unsafe) let (target, slope) = (target, slope)
          forEachFrame(run.frames) { frame, worker in
            alignment.textGradient(
              &frame.alignment, frame.slots[self.features], frame.size.length,
              slope: slope.baseAddress! + frame.row * classes,
              to: target.baseAddress! + frame.row * classes * width,
              scratch: worker.scratch.start, worker.products)
          }
        }
      }
      unit.accumulate(textSlope)
    }
  }

  // MARK: - Memory and workers

  private func layOut(_ frames: [Frame], threads: Int) {
    func counts(_ size: VideoSize) -> (slots: [Int], kept: [Int]) {
      (
        steps.map { $0.block.isCheap ? 0 : size.rows * $0.block.outputWidth },
        steps.map { $0.block.keptCount(size) } + [head.keptCount(size)]
      )
    }
    let total = frames.reduce(0) { sum, frame in
      let counts = counts(frame.size)
      return (counts.slots + counts.kept).reduce(sum) { $0 + SlabCursor.rounded($1) }
    }
    var cursor = SlabCursor(slab.reserve(total))
    for frame in frames {
      let counts = counts(frame.size)
      // The batch's memory is filled in when it is at hand.
      frame.slots = [cursor.take(0)] + counts.slots.map { cursor.take($0) }
      frame.kept = counts.kept.map { cursor.take($0) }
    }
    let largest = frames.map(\.size).reduce(VideoSize(length: 0, rows: 0, steps: 0)) {
      VideoSize(
        length: max($0.length, $1.length), rows: max($0.rows, $1.rows), steps: $1.steps)
    }
    let slopes = (0...steps.count).reduce(0) { sum, slot in
      let own = SlabCursor.rounded(largest.rows * width(slot))
      return sum + (slot > 0 && steps[slot - 1].block.isCheap ? 2 : 1) * own
    }
    let scratch =
      slopes
      + max(
        alignment?.scratchCount(largest) ?? 0, head.scratchCount(largest),
        steps.map { $0.block.scratchCount(largest) }.max() ?? 0)
    let count = min(threads, frames.count)
    while workers.count < count { workers.append(Worker(library)) }
    workers.removeLast(workers.count - count)
    for worker in workers {
      worker.scratch.reserve(scratch)
      worker.products.restart()
    }
  }

  private func forEachFrame(
    _ frames: [Frame], _ body: @escaping (Frame, Worker) -> Void
  ) {
    forEachWorker(frames) { _, worker, own in for frame in own { body(frame, worker) } }
  }

  /// Gives each worker its videos: the longest first to the one that has least to do.
  private func forEachWorker(
    _ frames: [Frame], _ body: @escaping (_ number: Int, Worker, [Frame]) -> Void
  ) {
    let count = workers.count
    var own = Array(repeating: [Frame](), count: count)
    var load = Array(repeating: 0, count: count)
    let order = frames.sorted {
      ($1.size.rows, $0.row) < ($0.size.rows, $1.row)
    }
    for frame in order {
      let least = load.indices.min { load[$0] < load[$1] } ?? 0
      own[least].append(frame)
      load[least] += frame.size.rows
    }
    nonisolated(unsafe) let (work, videos, all) = (body, own, workers)
    library.alone {
      MatrixThreads.divide(count) { numbers, _ in
        MatrixThreads.withOneThread {
          for number in numbers { work(number, all[number], videos[number]) }
        }
      }
    }
  }
}

extension Optional where Wrapped == Tensor<Float> {
  /// Calls `body` with the numbers from one on; nil for no tensor.
  fileprivate func withPointer(at start: Int, _ body: (UnsafePointer<Float>?) -> Void) {
    guard let self else { return body(nil) }
    self.scalars.withUnsafeBufferPointer { body($0.baseAddress.map { $0 + start }) }
  }
}
