import Foundation

/// What a bulk command has before it: said before it starts, and all that a plan is.
public struct BulkPlan: Codable, Sendable, Equatable {
  /// The command, as `features`.
  public var command: String
  /// Items asked for.
  public var items: Int
  /// What the items are, in the plural.
  public var itemName: String
  /// Items that are done already.
  public var done: Int
  /// Items whose file cannot be opened.
  public var unreadable: Int
  /// Pictures that are to be encoded, as far as the containers' headers tell.
  public var images: Int
  /// Pictures encoded to measure the rate; 0 where nothing is left to do.
  public var measuredImages: Int
  /// Pictures a second, measured on frames of the items themselves with all jobs at
  /// work; nil where nothing was measured.
  public var imagesPerSecond: Double?
  /// Parallel jobs.
  public var jobs: Int

  public init(
    command: String, items: Int, itemName: String = "videos", done: Int, unreadable: Int,
    images: Int, measuredImages: Int, imagesPerSecond: Double?, jobs: Int
  ) {
    self.command = command
    self.items = items
    self.itemName = itemName
    self.done = done
    self.unreadable = unreadable
    self.images = images
    self.measuredImages = measuredImages
    self.imagesPerSecond = imagesPerSecond
    self.jobs = jobs
  }

  /// How long the encoding takes at that rate; nil where no rate was measured.
  public var hours: Double? {
    guard let imagesPerSecond, imagesPerSecond > 0 else { return nil }
    return Double(images) / imagesPerSecond / 3600
  }

  /// The plan in one line.
  public var line: String {
    var parts = ["\(items) \(itemName)\(done > 0 ? " (\(done) done)" : "")", "\(images) images"]
    if unreadable > 0 { parts.append("\(unreadable) unreadable") }
    if let imagesPerSecond, let hours {
      parts.append(
        String(format: "%.1f images/s", imagesPerSecond) + " (measured on \(measuredImages))")
      parts.append(String(format: "%.2f h", hours))
    }
    return "\(command): " + parts.joined(separator: ", ")
  }

  private enum CodingKeys: String, CodingKey {
    case command, items, itemName, done, unreadable, images, measuredImages, imagesPerSecond
    case jobs, hours
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    command = try values.decode(String.self, forKey: .command)
    items = try values.decode(Int.self, forKey: .items)
    itemName = try values.decode(String.self, forKey: .itemName)
    done = try values.decode(Int.self, forKey: .done)
    unreadable = try values.decode(Int.self, forKey: .unreadable)
    images = try values.decode(Int.self, forKey: .images)
    measuredImages = try values.decode(Int.self, forKey: .measuredImages)
    imagesPerSecond = try values.decodeIfPresent(Double.self, forKey: .imagesPerSecond)
    jobs = try values.decode(Int.self, forKey: .jobs)
  }

  /// Writes `hours` too.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(command, forKey: .command)
    try values.encode(items, forKey: .items)
    try values.encode(itemName, forKey: .itemName)
    try values.encode(done, forKey: .done)
    try values.encode(unreadable, forKey: .unreadable)
    try values.encode(images, forKey: .images)
    try values.encode(measuredImages, forKey: .measuredImages)
    try values.encode(imagesPerSecond, forKey: .imagesPerSecond)
    try values.encode(hours, forKey: .hours)
    try values.encode(jobs, forKey: .jobs)
  }
}
