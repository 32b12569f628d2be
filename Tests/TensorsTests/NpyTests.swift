import Foundation
import Tensors
import TestSupport
import Testing

@Suite(.blocking) struct NpyTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ header: String, data: [UInt8] = [], version: UInt8 = 1) throws -> URL {
    let url = folder.file("a.npy")
    var bytes = Data([0x93] + Array("NUMPY".utf8) + [version, 0])
    let count = header.utf8.count
    bytes.append(
      contentsOf: [UInt8(count & 0xFF), UInt8(count >> 8)] + (version > 1 ? [0, 0] : []))
    bytes.append(Data(header.utf8))
    bytes.append(contentsOf: data)
    try bytes.write(to: url)
    return url
  }

  private func header(_ type: String, _ shape: String, fortran: Bool = false) -> String {
    "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }\n"
  }

  @Test func whatIsWrittenIsReadBack() throws {
    for shape in [[], [3], [2, 3], [0, 4], [1, 1, 5]] {
      let count = shape.reduce(1, *)
      let tensor = Tensor<Float>(shape: shape, scalars: (0..<count).map { Float($0) - 0.5 })
      let url = folder.file("b.npy")
      try Npy.write(tensor, to: url)
      #expect(try Npy.read(url) == tensor)
      let data = try Data(contentsOf: url)
      #expect((data.count - 4 * count) % 64 == 0)
    }
  }

  @Test("the bytes are those of np.save")
  func asNumPyWrites() throws {
    // NumPy 2.4: np.save of np.arange(6, dtype=TYPE).reshape(SHAPE).
    let url = folder.file("c.npy")
    for (shape, type, text) in [
      ([3, 2], StoredFloatType.float32, "'<f4', 'fortran_order': False, 'shape': (3, 2), }"),
      ([6], .float16, "'<f2', 'fortran_order': False, 'shape': (6,), }"),
    ] {
      try Npy.write(Tensor(shape: shape, scalars: [0, 1, 2, 3, 4, 5]), as: type, to: url)
      let header = "{'descr': " + text
      var expected = Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0])
      expected.append(
        Data((header.padding(toLength: 117, withPad: " ", startingAt: 0) + "\n").utf8))
      for number in 0..<6 {
        switch type {
        case .float32: withUnsafeBytes(of: Float(number)) { expected.append(contentsOf: $0) }
        case .float16:
          let halves: [UInt16] = [0, 0x3C00, 0x4000, 0x4200, 0x4400, 0x4500]
          withUnsafeBytes(of: halves[number]) { expected.append(contentsOf: $0) }
        }
      }
      #expect(try Data(contentsOf: url) == expected)
    }
  }

  @Test("an array in pieces is the same file as a whole one", arguments: StoredFloatType.allCases)
  func inPieces(type: StoredFloatType) throws {
    // More than a mebibyte, which is what goes to the file at once.
    let (rows, width) = (1500, 257)
    let tensor = Tensor<Float>(
      shape: [rows, width], scalars: (0..<rows * width).map { Float($0 % 977) / 16 - 20 })
    try Npy.write(tensor, as: type, to: folder.file("whole.npy"))
    try Npy.write(shape: [rows, width], as: type, to: folder.file("pieces.npy")) { take in
      var row = 0
      while row < rows {
        let count = min(1 + row % 7, rows - row)
        try take(tensor[rows: row..<row + count].scalars)
        row += count
      }
    }
    #expect(
      try Data(contentsOf: folder.file("pieces.npy"))
        == Data(contentsOf: folder.file("whole.npy")))
    #expect(try Npy.read(folder.file("whole.npy")) == tensor)
  }

  @Test("where the pieces end with an error, the file of before stays")
  func failingPieces() throws {
    struct Stop: Error {}
    let url = folder.file("d.npy")
    try Npy.write(Tensor(shape: [1], scalars: [1]), to: url)
    #expect(throws: (any Error).self) {
      try Npy.write(shape: [2, 1], to: url) { take in
        try take([1])
        throw Stop()
      }
    }
    #expect(try Npy.read(url).scalars == [1])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["d.npy"])
  }

  @Test func everyNumberTypeAndVersionIsRead() throws {
    for version: UInt8 in 1...3 {
      let url = try file(header("<i2", "(2,)"), data: [1, 0, 0xFE, 0xFF], version: version)
      #expect(try Npy.read(url).scalars == [1, -2])
    }
    #expect(try Npy.read(file(header(">f4", "(1,)"), data: [0x3F, 0xC0, 0, 0])).scalars == [1.5])
    #expect(try Npy.read(file(header("<f2", "(1,)"), data: [0, 0x3C])).scalars == [1])
    #expect(
      try Npy.read(file(header("<f8", "()"), data: [0, 0, 0, 0, 0, 0, 0xF0, 0x3F])).scalars == [1])
    #expect(try Npy.read(file(header("|b1", "(2,)"), data: [1, 0])).scalars == [1, 0])
    #expect(try Npy.read(file(header("|i1", "(1,)"), data: [0xFF])).scalars == [-1])
    #expect(try Npy.read(file(header("|u1", "(1,)"), data: [0xFF])).scalars == [255])
    #expect(
      try Npy.read(
        file(header(">i8", "(1,)"), data: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE])
      )
      .scalars == [-2])
    #expect(try Npy.read(file(header(">u2", "(1,)"), data: [1, 2])).scalars == [258])
  }

  @Test func fortranOrderIsTransposed() throws {
    // numpy.asfortranarray([[1, 2, 3], [4, 5, 6]]) and a [2, 2, 2] of 0...7.
    let matrix = try Npy.read(
      file(header("|u1", "(2, 3)", fortran: true), data: [1, 4, 2, 5, 3, 6]))
    #expect(matrix == Tensor(shape: [2, 3], scalars: [1, 2, 3, 4, 5, 6]))
    let cube = try Npy.read(
      file(header("|u1", "(2, 2, 2)", fortran: true), data: [0, 4, 2, 6, 1, 5, 3, 7]))
    #expect(cube == Tensor(shape: [2, 2, 2], scalars: [0, 1, 2, 3, 4, 5, 6, 7]))
  }

  @Test(arguments: [
    ("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "Python objects"),
    ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "structured"),
    ("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "'<c8'"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "needs 8"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,), }", "overflows"),
    (
      "{'descr': '<f4', 'fortran_order': True, "
        + "'shape': (0, 4611686018427387904, 4611686018427387904), }", "overflows"
    ),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "2^63"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "2^63"),
    ("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }", "Maybe"),
    ("{'descr': '<f4', 'shape': (1,), }", "no 'fortran_order'"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}", "unknown key"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)", "no '}'"),
    ("import os", "no '{'"),
  ])
  func aHostileHeaderIsRefusedWithItsFault(header: String, mention: String) throws {
    let url = try file(header, data: [0, 0, 0, 0])
    let error = #expect(throws: TensorError.self) { try Npy.read(url) }
    #expect(error?.description.contains(mention) == true, "\(error?.description ?? "")")
  }

  @Test func otherFilesAndCutHeadersAreRefused() throws {
    let url = folder.file("c.npy")
    try Npy.write(Tensor(shape: [2], scalars: [1, 2]), to: url)
    let whole = try Data(contentsOf: url)
    for length in 0..<whole.count {
      try whole.prefix(length).write(to: url)
      #expect(throws: TensorError.self) { try Npy.read(url) }
    }
    var version = whole
    version[6] = 9
    try version.write(to: url)
    #expect(throws: TensorError.self) { try Npy.read(url) }
    try (whole + [0]).write(to: url)
    #expect(throws: TensorError.self) { try Npy.read(url) }
  }
}
