import Datasets
import Testing

@Suite struct DatasetDescriptorFileTests {
  func message(_ text: String) -> String {
    do {
      _ = try DatasetDescriptorFile.parse(text, file: "my.yaml")
      return "accepted"
    } catch {
      return "\(error)"
    }
  }

  let head = "name: mine\ntitle: Mine\nlayout: folders\n"
  let classes = "classes:\n  - name: Normal\n    isNormal: true\n  - name: Fall\n"

  @Test func `a small descriptor is read`() throws {
    let descriptor = try DatasetDescriptorFile.parse(head + classes, file: "my.yaml")
    #expect(descriptor.normalClass?.name == "Normal")
    #expect(descriptor.anomalyClasses.map(\.prompts) == [["fall"]])
    #expect(try descriptor.classDescriptor(named: "fall").name == "Fall")
    #expect(throws: DatasetError.self) { try descriptor.classDescriptor(named: "Fal") }
  }

  @Test func `an unknown key is refused with file, key, known keys and the nearest`() {
    let top = message(head + classes + "anotations: {}\n")
    #expect(top.hasPrefix("my.yaml: unknown key 'anotations' at the top; known are name, aliases"))
    #expect(top.hasSuffix("did you mean 'annotations'?"))
    let inner = message(head + classes + "    display_prompts: [a]\n")
    #expect(inner.contains("unknown key 'display_prompts' in class 2"))
    #expect(inner.hasSuffix("did you mean 'displayPrompts'?"))
    #expect(
      message(head + classes + "splits:\n  - name: train\n    list: [a]\n").contains(
        "'list' in split 1"))
    #expect(
      message(head + classes + "annotations:\n  fmt: ucf\n").contains("'fmt' in annotations"))
  }

  @Test func `bad syntax, types and values name the file`() {
    #expect(message("name: [").hasPrefix("my.yaml: not YAML"))
    #expect(message("just words").hasPrefix("my.yaml: no keys at the top"))
    #expect(message("").hasPrefix("my.yaml: no keys at the top"))
    #expect(message("name: mine\n" + classes).contains("no key 'title'"))
    #expect(
      message(head.replacingLayout("ucff") + classes).contains(
        "layout: ucf, xd, shanghaitech, folders, table"))
    #expect(
      message(head.replacingLayout("ucf") + "classes: []\n").contains("no anomaly class")
    )
    #expect(message(head + classes + "  - name: fall\n").contains("'fall' occurs twice"))
    #expect(
      message(head.replacingOccurrence(of: "name: mine", with: "name: a/b") + classes).contains(
        "cannot name a folder"))
    #expect(message(head + classes + "scenePattern: \"(\"\n").contains("scenePattern"))
  }
}

extension String {
  fileprivate func replacingLayout(_ layout: String) -> String {
    replacingOccurrence(of: "layout: folders", with: "layout: " + layout)
  }

  fileprivate func replacingOccurrence(of text: String, with other: String) -> String {
    split(separator: "\n").map { $0 == text ? Substring(other) : $0 }.joined(separator: "\n") + "\n"
  }
}
