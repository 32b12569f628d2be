import Foundation

/// The amount of work of a bulk command, before it starts.
public struct BulkPlan: Codable, Sendable, Equatable {
  /// The command, as `features`.
  public var command: String
  /// The number of items.
  public var items: Int
  /// What the items are, in the plural.
  public var itemName: String
  /// The number of items that are done already.
  public var done: Int
  /// The number of items whose file cannot be opened.
  public var unreadable: Int
  /// The number of images to encode, by the containers' headers.
  public var images: Int
  /// The number of images encoded to measure the rate; 0 if nothing is left to do.
  public var measuredImages: Int
  /// Images per second, measured on frames of the items with all jobs running; nil if nothing
  /// was measured.
  public var imagesPerSecond: Double?
  /// The number of parallel jobs.
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

  /// The encoding's hours at that rate; nil if no rate was measured.
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

  /// Also writes `hours`.
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
