import Records
import Tensors

/// What goes wrong in training and with checkpoints.
public enum TrainingError: ReportableError, Equatable {
  case badSample(videoID: String, reason: String)
  case oneSidedData(normal: Int, anomalous: Int)
  case noValidation
  case noTestSelection
  case badBatch(path: String, name: String, found: String, expected: String)
  case badOrder(finding: String, expected: String)
  case diverged(Divergence)
  case notACheckpoint(path: String, reason: String)
  case checkpointVersion(path: String, found: Int, expected: Int)
  case missingTensor(path: String, name: String, expected: [Int])
  case wrongShape(path: String, name: String, found: [Int], expected: [Int])
  case unexpectedTensor(path: String, name: String, found: [Int])
  case nonFiniteWeights(path: String, name: String, index: Int)
  case damagedState(path: String, reason: String)
  case otherEncoder(path: String, what: String, found: String, expected: String)
  case wouldReplaceSource(path: String)

  public var description: String {
    switch self {
    case .badSample(let videoID, let reason):
      "\(videoID): cannot be trained on: found \(reason)"
    case .oneSidedData(let normal, let anomalous):
      "training videos: found \(normal) normal and \(anomalous) anomalous; "
        + "training needs at least one of each: check the labels or the split"
    case .noValidation:
      "setting 'selection' is bestValidation, but no video is held out; "
        + "hold some out (--hold-out 0.1) or keep the last epoch"
    case .noTestSelection:
      "setting 'selection' is bestTest, which only train-dbm reproduce --protocol legacy chooses "
        + "by: keep the last epoch, or hold videos out (--hold-out 0.1, selection=bestValidation)"
    case .badBatch(let path, let name, let found, let expected):
      "\(path): '\(name)': found \(found), expected \(expected)"
    case .badOrder(let finding, let expected):
      "order of batches: found \(finding), expected \(expected); give the samples of every step "
        + "of the training by their place in the list of samples"
    case .diverged(let divergence):
      divergence.description
    case .notACheckpoint(let path, let reason):
      "\(path): not a detector checkpoint: \(reason); name a file that train-dbm wrote"
    case .checkpointVersion(let path, let found, let expected):
      "\(path): checkpoint format \(found), this program reads up to \(expected); "
        + "train again or use the program version that wrote it"
    case .missingTensor(let path, let name, let expected):
      "\(path): no tensor '\(name)', expected shape \(expected); the file is damaged or of another model"
    case .wrongShape(let path, let name, let found, let expected):
      "\(path): tensor '\(name)' has shape \(found), expected \(expected); "
        + "the file is damaged or of another model"
    case .unexpectedTensor(let path, let name, let found):
      "\(path): tensor '\(name)' of shape \(found) belongs to no part of the model; "
        + "the file is damaged or of another model"
    case .nonFiniteWeights(let path, let name, let index):
      "\(path): tensor '\(name)' has a non-finite number at index \(index); "
        + "the file is damaged or its training diverged: train again"
    case .damagedState(let path, let reason):
      "\(path): cannot resume: \(reason); train-dbm --fresh starts over"
    case .otherEncoder(let path, let what, let found, let expected):
      "\(path): \(what) is \(found), but the checkpoint was trained with \(expected); "
        + "extract features with that, or train a checkpoint for these"
    case .wouldReplaceSource(let path):
      "\(path): is the file that is read; name another one to write"
    }
  }

  /// Throws `nonFiniteWeights` unless all numbers of a file's tensor are finite.
  package static func checkFinite(_ tensor: Tensor<Float>, named name: String, path: String) throws
  {
    guard let index = tensor.scalars.firstIndex(where: { !$0.isFinite }) else { return }
    throw nonFiniteWeights(path: path, name: name, index: index)
  }

  public var failureKind: FailureKind {
    switch self {
    case .noValidation, .noTestSelection, .oneSidedData, .badOrder, .wouldReplaceSource: .usage
    case .diverged: .other
    default: .unreadableInput
    }
  }
}
