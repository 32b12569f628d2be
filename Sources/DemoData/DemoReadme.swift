/// The text that lies beside the rendered data and says what it is.
enum DemoReadme {
  static func text(seed: UInt64, plan: DemoPlan) -> String {
    let training = plan.clips.filter(\.isTraining)
    let test = plan.clips.filter { !$0.isTraining }
    func counts(_ clips: [DemoPlan.Clip]) -> String {
      let abnormal = clips.filter { $0.className != "Normal" }.count
      return "\(clips.count) clips, \(clips.count - abnormal) normal and \(abnormal) abnormal"
    }
    return """
      Rendered demo data
      ==================

      These clips are synthetic: drawn by 'kess demo-data' with seed \(seed). No camera, no person
      and no place is behind them. They look like surveillance video (a fixed camera, sensor noise,
      automatic gain, compression; day, dusk and night) so that a whole pipeline can be tried
      without a data set that may not be passed on. A detector's score on them says that the
      pipeline works, and nothing about real video.

      - \(counts(training)) to train; \(counts(test)) to test.
      - 320x240 pixels, \(DemoPlan.frameRate) frames a second, H.264 in MP4, about 12 seconds each.
      - Classes: \(DemoPlan.anomalyClasses.joined(separator: ", ")). Normal clips hold harmless sudden things
        too: somebody runs, a crowd gathers, friends embrace, a car brakes hard, a lamp flickers.
      - The scene is in the name (s07 is camera 7); training and test share no scene. All clips of
        a scene show the same place, half of them normal.
      - Layout and formats are UCF-Crime's: Anomaly_Train.txt and Anomaly_Test.txt list the clips;
        Temporal_Anomaly_Annotation.txt has 'name  class  s1  e1  s2  e2' for the test clips, frames
        counted from 1, both ends included, -1 for none. The event is marked from its onset to the
        end of the act; what follows (people gather, somebody lies on the ground, a chase that
        leaves the picture, a fire that dies down) is not.

      """
  }
}
