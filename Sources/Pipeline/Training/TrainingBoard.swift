import Dispatch
import Records
import Synchronization
import Training

/// Where all runs of a training are, in one line. Safe to call from several threads.
final class TrainingBoard: Sendable {
  private struct State {
    var done: Int
    /// Steps done since the board was made, and when the last of them ended.
    var measured = 0
    var lastStep = ContinuousClock.now
    var last: (id: String, metrics: StepMetrics)?
    var phases: [String: (phase: TrainingEvent.Phase, step: Int)] = [:]
    var phaseStart = ContinuousClock.now
  }

  private let names: [String: String]
  private let steps: Int
  private let start = ContinuousClock.now
  private let state: Mutex<State>

  init(runs: [(id: String, variant: String, seed: UInt64)], steps: Int, done: Int) {
    names = Dictionary(
      runs.map { ($0.id, "\($0.variant) s\($0.seed)") }, uniquingKeysWith: { first, _ in first })
    self.steps = steps
    state = Mutex(State(done: done))
  }

  func record(_ event: TrainingEvent, of id: String) {
    state.withLock { state in
      switch event {
      case .resumed, .epoch: break
      case .phase(let phase, let step):
        state.phases[id] = (phase, step)
        state.phaseStart = .now
      case .step(let metrics):
        state.done += 1
        state.measured += 1
        state.lastStep = .now
        state.last = (id, metrics)
      }
    }
  }

  /// `12 of 840 steps, 3.1 s per step, 43 min left; dbvad s1: step 12, binary 0.6931 ...`.
  var text: String? {
    state.withLock { state in
      var text = "train: \(state.done) of \(steps) steps"
      if state.measured > 0 {
        let perStep = (state.lastStep - start) / .seconds(1) / Double(state.measured)
        let since = (ContinuousClock.now - state.lastStep) / .seconds(1)
        text +=
          perStep >= 1
          ? String(format: ", %.1f s per step", perStep)
          : String(format: ", %.1f steps/s", 1 / perStep)
        let left = max(0, perStep * Double(steps - state.done) - since)
        text += ", \(DurationText.of(seconds: left)) left"
      }
      if let (id, metrics) = state.last {
        let losses = metrics.losses.sorted { $0.key < $1.key }.map {
          "\($0.key) \(String(format: "%.4f", $0.value))"
        }
        text += "; \(names[id] ?? id): step \(metrics.step), \(losses.joined(separator: ", "))"
      }
      let waiting = (ContinuousClock.now - state.phaseStart) / .seconds(1)
      if waiting >= 5, let (id, now) = state.phases.min(by: { $0.key < $1.key }) {
        text +=
          "; \(names[id] ?? id): step \(now.step), \(now.phase.rawValue) for "
          + "\(Int(waiting)) s"
      }
      return text
    }
  }
}

/// Calls back every second on a thread of its own, whatever the others compute.
struct Heartbeat: Sendable {
  private let end = DispatchSemaphore(value: 0)
  private let worker: BackgroundWork<Void>

  init(_ beat: @escaping @Sendable () -> Void) {
    worker = BackgroundWork { [end] in
      while end.wait(timeout: .now() + 1) == .timedOut { beat() }
    }
  }

  func stop() {
    end.signal()
    worker.wait()
  }
}
