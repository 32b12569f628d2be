import Tensors
import Testing

@Suite struct TensorJoiningTests {
  private let row = Tensor<Float>(shape: [2, 3], scalars: [1, 2, 3, 4, 5, 6])

  @Test func stackingAddsAnAxisForOneToo() {
    #expect(Tensor.stacked([row]).shape == [1, 2, 3])
    #expect(Tensor.stacked([row, row]).shape == [2, 2, 3])
    #expect(Tensor.stacked([row, row]).scalars == row.scalars + row.scalars)
  }

  @Test func joiningKeepsTheAxes() {
    #expect(Tensor.concatenated([row]) == row)
    #expect(Tensor.concatenated([row, row]).shape == [4, 3])
    #expect(Tensor<Float>.concatenated([]).shape == [0])
  }
}
