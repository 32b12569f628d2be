#!/usr/bin/env bash
# How the detectors of `make real` do where the test videos are made worse with ffmpeg: one row
# per change, the mean frame AUC and AP over the runs with descriptions, and what their alarms do.
#
#   real_degraded.sh [REAL_DIR]
#
#   BIN       folder of the binaries   (.build/release)
#   SHUFFLES  which of make real's     ("1 2 3 4 5")
#   PYTHON    for the table            (python3)
set -euo pipefail
BIN=${BIN:-.build/release}
REAL_DIR=${1:-real}
SHUFFLES=${SHUFFLES:-1 2 3 4 5}
# name | video filter | rate factor
changes='as joined|null|18
night: a fifth of the light, noise|lutyuv=y=16+(val-16)*0.2,noise=alls=8:allf=t|23
infrared: grey, noise, vignette|hue=s=0,vignette=PI/4,noise=alls=10:allf=t|23
compressed: rate factor 36|null|36
compressed: rate factor 44|null|44
small: 106x80 and back|scale=106:80:flags=area,scale=320:240|23
slow: 6 frames a second|fps=6,fps=25|23
static: one picture and noise|select=eq(n\,0),loop=loop=320:size=1,setpts=N/25/TB,noise=alls=4:allf=t|23
shaking camera|crop=304:228:8+6*sin(n*1.7):6+5*sin(n*2.3+1),scale=320:240|20'

for shuffle in $SHUFFLES; do
  folder=$REAL_DIR/shuffle$shuffle
  while IFS='|' read -r name filter factor; do
    place=$folder/degraded/$(tr -c 'a-z0-9\n' '-' <<<"$name")
    [[ -e $place/detect.json ]] && continue
    mkdir -p "$place/test"
    head -n 1 "$folder/data/videos.csv" >"$place/videos.csv"
    grep ',test,' "$folder/data/videos.csv" >>"$place/videos.csv"
    for video in "$folder"/data/test/*.mp4; do
      ffmpeg -nostdin -v error -y -i "$video" -vf "$filter" -c:v libx264 -preset veryfast \
        -crf "$factor" -pix_fmt yuv420p "$place/test/$(basename "$video")"
    done
    # The runs are those of the shuffle's workspace.
    mkdir -p "$place/workspace"
    rm -rf "$place/workspace/runs"
    cp -r "$folder/workspace/runs" "$folder/workspace/training.json" "$place/workspace/"
    "$BIN/detect" --dataset "$place/videos.csv" --workspace "$place/workspace" --split test \
      --evaluate --json >"$place/detect.part" 2>/dev/null
    mv "$place/detect.part" "$place/detect.json"
    rm -rf "$place/test"
  done <<<"$changes"
done

"${PYTHON:-python3}" - "$REAL_DIR" "$SHUFFLES" "$changes" <<'TABLE'
import json, re, sys
folder, shuffles, changes = sys.argv[1:]
print("| test videos | frame AUC | frame AP | normal videos with an alarm | fights found |")
print("|---|--:|--:|--:|--:|")
for change in changes.splitlines():
    name = change.split("|")[0]
    place = re.sub("[^a-z0-9]", "-", name)
    runs = []
    for shuffle in shuffles.split():
        with open(f"{folder}/shuffle{shuffle}/degraded/{place}/detect.json") as file:
            runs += [run for run in json.load(file)["runs"] if run["variant"] == "dbvad"]
    figures = [
        [run["areaUnderROC"], run["averagePrecision"]]
        + [run["alarms"][kind]["found"] / run["alarms"][kind]["count"] for kind in ("falseAlarms", "events")]
        for run in runs
    ]
    means = [sum(values) / len(runs) for values in zip(*figures)]
    print(f"| {name} | " + " | ".join(f"{mean:.3f}" for mean in means) + " |")
TABLE
