import Records

/// Errors of files of tensors, and of the library that multiplies them.
public enum TensorError: ReportableError {
  case cannotRead(path: String, reason: String)
  case changedFile(path: String)
  case damagedHeader(path: String, found: String)
  case damagedTensor(path: String, tensor: String, found: String)
  case missingTensor(path: String, tensor: String, present: Int)
  case wrongElementType(path: String, tensor: String, found: String, expected: String)
  case unsupportedArray(path: String, found: String, remedy: String)
  case repeatedName(path: String, tensor: String)
  case unsupportedCheckpoint(path: String, found: String, remedy: String)
  case damagedCheckpoint(path: String, found: String)
  case refusedPickle(path: String, found: String)
  case library(name: String, finding: String)

  public var description: String {
    switch self {
    case .cannotRead(let path, let reason):
      "\(path): cannot be read: \(reason)"
    case .changedFile(let path):
      "\(path): has changed since it was first read: let nothing write to it meanwhile, and "
        + "start again"
    case .damagedHeader(let path, let found):
      "\(path): damaged header: \(found); fetch or write the file again"
    case .damagedTensor(let path, let tensor, let found):
      "\(path): tensor '\(tensor)': \(found); fetch or write the file again"
    case .missingTensor(let path, let tensor, let present):
      "\(path): no tensor '\(tensor)' among its \(present); check that it is the right model"
    case .wrongElementType(let path, let tensor, let found, let expected):
      "\(path): tensor '\(tensor)' holds \(found), expected \(expected)"
    case .unsupportedArray(let path, let found, let remedy):
      "\(path): found \(found); \(remedy)"
    case .repeatedName(let path, let tensor):
      "\(path): tensor '\(tensor)' occurs twice; give each tensor its own name"
    case .unsupportedCheckpoint(let path, let found, let remedy):
      "\(path): found \(found); \(remedy)"
    case .damagedCheckpoint(let path, let found):
      "\(path): damaged checkpoint: \(found); fetch or write the file again"
    case .refusedPickle(let path, let found):
      "\(path): refused: \(found); only tensors are read and nothing is executed: save the "
        + "weights alone, with torch.save(model.state_dict(), ...) or as safetensors"
    case .library(let name, let finding):
      "\(name): \(finding); check that the installed library fits this processor"
    }
  }

  public var failureKind: FailureKind {
    switch self {
    case .repeatedName, .library: .other
    default: .unreadableInput
    }
  }
}
