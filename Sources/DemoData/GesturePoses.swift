import Foundation

/// Poses of single moments: what people do beside walking.
extension Pose {
  private static func standing(_ change: (inout Pose) -> Void) -> Pose {
    var pose = Pose.standing
    change(&pose)
    return pose
  }

  static let punch = standing {
    $0.rightShoulder = 1.55
    $0.rightElbow = 0.1
    $0.leftShoulder = 0.7
    $0.leftElbow = 1.9
    $0.lean = 0.3
    $0.twist = 0.5
    $0.leftHip = 0.5
    $0.leftKnee = 0.4
    $0.rightHip = -0.35
  }
  static let hook = standing {
    $0.rightShoulder = 1.3
    $0.rightArmOut = 0.9
    $0.rightElbow = 0.9
    $0.leftShoulder = 0.5
    $0.leftElbow = 2
    $0.twist = -0.6
    $0.lean = 0.2
    $0.leftHip = 0.35
    $0.rightHip = -0.3
    $0.rightKnee = 0.4
  }
  static let kick = standing {
    $0.rightHip = 1.25
    $0.rightKnee = 0.15
    $0.leftKnee = 0.25
    $0.lean = -0.28
    $0.leftShoulder = 0.8
    $0.leftElbow = 1
    $0.rightShoulder = -0.7
    $0.rightArmOut = 0.5
  }
  static let guardUp = standing {
    $0.leftShoulder = 0.9
    $0.rightShoulder = 0.8
    $0.leftElbow = 2.1
    $0.rightElbow = 2.2
    $0.lean = 0.25
    $0.leftHip = 0.4
    $0.leftKnee = 0.6
    $0.rightHip = -0.2
    $0.rightKnee = 0.5
  }
  static let push = standing {
    $0.leftShoulder = 1.5
    $0.rightShoulder = 1.5
    $0.leftElbow = 0.15
    $0.rightElbow = 0.15
    $0.lean = 0.45
    $0.leftHip = 0.6
    $0.leftKnee = 0.6
    $0.rightHip = -0.55
  }
  static let reel = standing {
    $0.lean = -0.4
    $0.sideLean = 0.3
    $0.leftShoulder = -0.5
    $0.rightShoulder = 1.1
    $0.leftArmOut = 1
    $0.rightArmOut = 0.8
    $0.leftHip = -0.4
    $0.rightHip = 0.5
    $0.rightKnee = 0.7
    $0.nod = -0.4
  }
  static let grabbing = standing {
    $0.leftShoulder = 1.4
    $0.rightShoulder = 1.2
    $0.leftElbow = 0.7
    $0.rightElbow = 0.8
    $0.leftArmOut = -0.1
    $0.rightArmOut = -0.1
    $0.lean = 0.55
    $0.leftHip = 0.5
    $0.leftKnee = 0.8
    $0.rightHip = -0.1
    $0.rightKnee = 0.6
  }
  static let swingHigh = standing {
    $0.rightShoulder = 2.9
    $0.rightElbow = 0.7
    $0.leftShoulder = 2.5
    $0.leftElbow = 0.8
    $0.lean = -0.2
    $0.leftHip = 0.3
  }
  static let swingLow = standing {
    $0.rightShoulder = 1.0
    $0.rightElbow = 0.1
    $0.leftShoulder = 0.9
    $0.leftElbow = 0.3
    $0.lean = 0.65
    $0.leftHip = 0.45
    $0.leftKnee = 0.5
    $0.rightHip = -0.2
    $0.rightKnee = 0.3
  }
  static let sprayHigh = standing {
    $0.rightShoulder = 1.9
    $0.rightElbow = 0.4
    $0.rightArmOut = 0.2
    $0.lean = 0.08
  }
  static let sprayLow = standing {
    $0.rightShoulder = 1.2
    $0.rightElbow = 0.5
    $0.rightArmOut = 0.5
    $0.lean = 0.3
    $0.leftKnee = 0.4
    $0.rightKnee = 0.4
    $0.leftHip = 0.3
    $0.rightHip = 0.2
  }
  static let cower = standing {
    $0.lean = 0.8
    $0.leftHip = 0.9
    $0.rightHip = 0.7
    $0.leftKnee = 1.5
    $0.rightKnee = 1.4
    $0.leftShoulder = 1.9
    $0.rightShoulder = 1.9
    $0.leftElbow = 2.2
    $0.rightElbow = 2.2
    $0.nod = 0.4
  }
  static let handsUp = standing {
    $0.leftShoulder = 2.4
    $0.rightShoulder = 2.4
    $0.leftElbow = 0.8
    $0.rightElbow = 0.8
    $0.leftArmOut = 0.4
    $0.rightArmOut = 0.4
    $0.lean = -0.08
  }
  static let pointing = standing {
    $0.rightShoulder = 1.4
    $0.rightElbow = 0.1
  }
  static let talking = standing {
    $0.rightShoulder = 0.6
    $0.rightElbow = 1.4
    $0.rightArmOut = 0.3
  }
  static let phoning = standing {
    $0.rightShoulder = 0.7
    $0.rightElbow = 2.4
    $0.nod = 0.15
  }
  static let holding = standing {
    $0.leftShoulder = 0.55
    $0.rightShoulder = 0.55
    $0.leftElbow = 1.2
    $0.rightElbow = 1.2
    $0.lean = 0.04
  }
  static let bending = standing {
    $0.lean = 1.1
    $0.leftHip = 0.35
    $0.rightHip = 0.3
    $0.leftKnee = 0.7
    $0.rightKnee = 0.6
    $0.leftShoulder = 1.1
    $0.rightShoulder = 1.2
    $0.leftElbow = 0.3
    $0.rightElbow = 0.3
    $0.nod = 0.3
  }
  static let kneeling = standing {
    $0.lean = 0.5
    $0.leftHip = 1.3
    $0.leftKnee = 1.6
    $0.rightHip = 0.1
    $0.rightKnee = 1.7
    $0.leftShoulder = 0.8
    $0.rightShoulder = 0.7
    $0.leftElbow = 0.6
    $0.rightElbow = 0.6
  }
  static let lying = standing {
    $0.tip = -1
    $0.leftArmOut = 0.7
    $0.rightArmOut = 0.5
    $0.leftKnee = 0.5
    $0.leftHip = 0.4
    $0.rightKnee = 0.15
    $0.leftElbow = 0.6
    $0.rightElbow = 0.4
  }
  static let curledUp = standing {
    $0.tip = 0.95
    $0.lean = 0.9
    $0.leftHip = 1.4
    $0.rightHip = 1.2
    $0.leftKnee = 1.8
    $0.rightKnee = 1.6
    $0.leftShoulder = 1.6
    $0.rightShoulder = 1.5
    $0.leftElbow = 2
    $0.rightElbow = 2
  }
  static let hugging = standing {
    $0.leftShoulder = 1.2
    $0.rightShoulder = 1.3
    $0.leftElbow = 0.9
    $0.rightElbow = 0.8
    $0.lean = 0.15
  }
  static let cycling = standing {
    $0.lean = 0.65
    $0.leftShoulder = 0.75
    $0.rightShoulder = 0.75
    $0.leftElbow = 0.35
    $0.rightElbow = 0.35
  }
}
