import Foundation
import Synchronization

/// Everything that chat servers have been seen to do wrong, mixed at random from a
/// seed: a stand-in for a week with real ones.
public final class FaultMixture: Sendable {
  public enum Fault: String, CaseIterable, Sendable {
    case retryAfterSeconds, retryAfterMilliseconds, retryAfterDate, retryAfterAbsurd
    case unavailable, serverError, hangUp, reset, stall, stallMidBody, html
    case emptyContent, nullContent, noChoices, noUsage
    case cutAtLimit, loop, whitespaceLoop, sameCaption, fewerTokens
    case imageLimit, badMedia, declined, brokenStream, streamError
    /// The whole server is away for some requests, its list of models too.
    case outage
  }

  /// The caption of `sameCaption`.
  public static let caption = "A person walks through a corridor and carries a bag in one hand."

  private let seed: UInt64
  private let share: Double
  private struct State {
    var requests: UInt64 = 0
    var awayFor = 0
    var isOn = false
    var counts: [Fault: Int] = [:]
  }
  private let state = Mutex(State())

  /// - Parameter share: of the requests, those that meet a fault.
  public init(seed: UInt64, share: Double) {
    self.seed = seed
    self.share = share
  }

  /// No faults before this is set.
  public var isOn: Bool {
    get { state.withLock(\.isOn) }
    set { state.withLock { $0.isOn = newValue } }
  }

  /// How often each fault was met.
  public var counts: [Fault: Int] { state.withLock(\.counts) }

  /// What to do with a request whose true answer is `text`.
  public func answer(
    _ request: FaultInjectingServerRequest, text: String, promptTokens: Int
  ) -> FaultInjectingServerAnswer {
    let isChat = request.path == "/v1/chat/completions"
    let (fault, number): (Fault?, UInt64) = state.withLock { state in
      guard state.isOn else { return (nil, 0) }
      if state.awayFor > 0 {
        state.awayFor -= 1
        return (.outage, 0)
      }
      guard isChat else { return (nil, 0) }
      state.requests += 1
      let random = Self.mix(seed &+ state.requests &* 0x9e37_79b9_7f4a_7c15)
      guard Double(random % 10_000) < share * 10_000 else { return (nil, random) }
      let fault = Fault.allCases[Int((random / 10_000) % UInt64(Fault.allCases.count))]
      state.counts[fault, default: 0] += 1
      if fault == .outage { state.awayFor = 4 }
      return (fault, random)
    }
    guard let fault else {
      if !isChat { return .models(["fake"]) }
      return number % 2 == 0 && request.json?["stream"] as? Bool == true
        ? .streamedChat(text, promptTokens: promptTokens)
        : .chat(text, promptTokens: promptTokens)
    }
    if request.json?["stream"] as? Bool != true {
      switch fault {
      // Who does not listen word by word gets the loop at its end.
      case .loop:
        return .chat(
          String(repeating: "and then the man walks ", count: 40), finishReason: "length")
      case .whitespaceLoop:
        return .chat(String(repeating: "\n  ", count: 60), finishReason: "length")
      case .brokenStream: return Self.answer(.reset, text: text, promptTokens: promptTokens)
      case .streamError: return Self.answer(.serverError, text: text, promptTokens: promptTokens)
      default: break
      }
    }
    return Self.answer(fault, text: text, promptTokens: promptTokens)
  }

  private static func answer(_ fault: Fault, text: String, promptTokens: Int)
    -> FaultInjectingServerAnswer
  {
    let body = Data(repeating: UInt8(ascii: " "), count: 4000)
    func busy(_ name: String, _ value: String) -> FaultInjectingServerAnswer {
      .error(429, "too many requests", headers: [name: value])
    }
    func content(_ json: String, usage: String = "{\"prompt_tokens\":1}")
      -> FaultInjectingServerAnswer
    {
      .json(
        "{\"choices\":[{\"message\":{\"content\":\(json)},\"finish_reason\":\"stop\"}],"
          + "\"usage\":\(usage)}")
    }
    switch fault {
    case .retryAfterSeconds: return busy("Retry-After", "1")
    case .retryAfterMilliseconds: return busy("retry-after-ms", "250")
    case .retryAfterDate: return busy("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT")
    case .retryAfterAbsurd: return busy("Retry-After", "86400")
    case .unavailable: return .error(503, "overloaded")
    case .serverError: return .error(500, "internal error")
    case .hangUp, .outage: return .hangUp
    case .reset: return .resetMidBody(body: body, after: 1000)
    case .stall: return .stall
    case .stallMidBody: return .stallMidBody(body: body, after: 1000)
    case .html: return .answer(status: 200, headers: [:], body: Data("<html>".utf8))
    case .emptyContent: return content("\"\"")
    case .nullContent: return content("null")
    case .noChoices: return .json("{\"choices\":[]}")
    case .noUsage: return content("\"\(text)\"", usage: "null")
    case .cutAtLimit:
      return .chat(
        String(text.prefix(20)), finishReason: "length", promptTokens: promptTokens)
    case .loop: return .loop(saying: "and then the man walks ")
    case .whitespaceLoop: return .loop(saying: "\n  ")
    case .sameCaption: return .chat(caption, promptTokens: promptTokens)
    case .fewerTokens: return .chat(text, promptTokens: promptTokens * 7 / 10)
    case .imageLimit:
      return .error(400, "At most 1 image(s) may be provided in one prompt.")
    case .badMedia: return .error(400, "Failed to load image: cannot identify image file")
    case .declined: return .chat("I'm sorry, but I can't describe this.")
    case .brokenStream:
      return .streamedChat(text, finishReason: nil, endsProperly: false)
    case .streamError: return .stream(["{\"error\":{\"message\":\"engine died\"}}"])
    }
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var mixed = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
