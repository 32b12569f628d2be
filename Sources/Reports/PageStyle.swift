/// The style sheet of a page: one column, light or dark like the reader's system, down to
/// the width of a phone, and for paper.
enum PageStyle {
  static var sheet: String {
    """
    :root{color-scheme:light dark;\(CurveColors.light.properties)}
    \(CurveColors.light.rules)
    @media (prefers-color-scheme:dark){:root{\(CurveColors.dark.properties)}
    \(CurveColors.dark.rules)}
    \(layout)
    \(narrow)
    \(paper)
    """
  }

  private static let layout = """
    *{box-sizing:border-box}
    html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
    body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.55 system-ui,"Segoe UI",Roboto,
    "Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
    main,.masthead>div{max-width:1080px;margin:0 auto;padding:0 28px}
    .masthead{background:var(--panel);border-bottom:1px solid var(--rule);padding:36px 0 28px}
    .eyebrow{margin:0;color:var(--muted);font-size:13px;letter-spacing:.06em;
    text-transform:uppercase}
    h1{margin:4px 0 2px;font-size:32px;line-height:1.2;letter-spacing:-.015em}
    .meta{margin:0;color:var(--muted)}
    .finding{margin:18px 0 0;max-width:46em;font-size:19px;line-height:1.45}
    section{margin-top:34px}
    h2{margin:0 0 12px;font-size:20px;letter-spacing:-.01em}
    h3{margin:0;font-size:16px}
    a{color:var(--curve)}
    .panel{background:var(--panel);border:1px solid var(--rule);border-radius:10px}
    .fine,.seeds,.dim,.facts,.key{color:var(--muted)}
    .fine{font-size:13px;margin:8px 0 0}
    ul.fine,.notes{padding-left:18px}
    .notes{margin:14px 0 0;color:var(--muted);font-size:14px;max-width:60em}
    .metrics{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(400px,100%),1fr));
    gap:16px;margin-top:28px}
    .metric{margin:0;padding:16px 20px 12px}
    .metric-row{display:grid;grid-template-columns:1fr auto;align-items:baseline;gap:0 12px;
    margin-top:10px}
    .metric-row svg,.metric-axis{grid-column:1/-1}
    .metric-value b{font-size:24px;letter-spacing:-.02em}
    .spread{font-size:15px}.seeds{font-size:13px;margin-left:6px}
    .key{font-size:12px;text-align:right}
    .dots{display:block;width:calc(100% - 20px);margin:0 10px;overflow:visible}
    .chance{stroke:var(--muted);stroke-dasharray:4 3}
    .mean{stroke:var(--ink);stroke-width:2}
    .spread-bar{stroke:var(--curve);stroke-opacity:.4;stroke-width:7;stroke-linecap:butt}
    .seed{fill:var(--curve);fill-opacity:.7;stroke:var(--panel);stroke-width:1}
    .seed.anomalous{fill:var(--truth)}
    .table{overflow-x:auto;padding:6px 20px 8px}
    table{border-collapse:collapse;width:100%;font-size:14px;overflow-wrap:break-word}
    tbody th{white-space:nowrap}td{min-width:4em}
    th,td{text-align:left;padding:8px 14px 8px 0;vertical-align:top;
    border-top:1px solid var(--rule)}
    thead th{border-top:0;color:var(--muted);font-weight:500;font-size:13px}
    .n{text-align:right;padding-right:0;padding-left:14px;white-space:nowrap}
    .code{font:12.5px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
    .badge{display:inline-block;margin-right:4px;padding:0 7px;border:1px solid var(--rule);
    border-radius:9px;color:var(--muted);font-size:12px;line-height:18px;white-space:nowrap}
    .badge.real{border-color:var(--curve);color:var(--curve)}
    .failed{color:var(--truth);font-weight:600}
    .bar{display:block;width:84px;height:3px;margin:4px 0 0 auto;background:var(--faint)}
    .bar i{display:block;height:3px;background:var(--muted)}
    .tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(152px,1fr));gap:10px}
    .tile{display:block;padding:9px 10px 7px;border:1px solid var(--rule);border-radius:8px;
    background:var(--panel);color:var(--ink);text-decoration:none;font-size:12.5px;line-height:1.4}
    .tile:hover,.tile:focus-visible{border-color:var(--curve)}
    .tile-name{display:block;font-weight:600;white-space:nowrap;overflow:hidden;
    text-overflow:ellipsis;margin-top:5px}
    .tile-line{display:flex;justify-content:space-between;gap:8px;color:var(--muted)}
    .tile-line span{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
    .tile.anomalous .tile-line span{color:var(--truth)}
    .tiles.dense{grid-template-columns:repeat(auto-fill,minmax(110px,1fr));gap:6px}
    .dense .tile{padding:5px 6px 4px;font-size:11px}.dense .spark{height:24px}
    .spark{display:block;width:100%;height:44px;overflow:visible}
    .spark .curve{stroke-width:1.4}
    .classes{padding:12px 20px 14px}
    .class-row{display:grid;grid-template-columns:150px 1fr;align-items:center;gap:10px}
    .variant{font-size:14px}
    .bar-row{display:flex;flex-wrap:wrap;align-items:baseline;gap:6px 18px;margin-bottom:12px}
    .bar-row h2{margin:0 auto 0 0}
    .legend{display:flex;flex-wrap:wrap;gap:4px 16px;color:var(--muted);font-size:13px;
    margin:0 0 12px;padding:0;list-style:none}
    .legend svg{width:16px;height:12px;vertical-align:-1px;margin-right:5px}
    .class-legend{margin:8px 4px 0 30px}.class-legend b{color:var(--ink)}
    .class-legend .series,.runs .series{stroke-width:2}
    .events{display:flex;flex-wrap:wrap;gap:2px 18px;margin:8px 4px 0 30px;padding:0;
    list-style:none;font-size:13px}
    .chart{margin:0;padding:16px 20px 12px}.chart-box{margin:12px 4px 0 52px}
    .runs .legend{display:inline-flex;margin:0}.runs svg{width:24px}
    .sorter{display:none;font-size:13px;color:var(--muted)}.scripted .sorter{display:block}
    select{font:inherit;color:var(--ink);background:var(--panel);border:1px solid var(--rule);
    border-radius:6px;padding:2px 6px}
    .card{margin-bottom:16px;padding:16px 20px 18px;scroll-margin-top:12px}
    .card:target,.card:has(.card-body:target){border-color:var(--curve)}
    .card-head{display:flex;flex-wrap:wrap;align-items:baseline;gap:2px 12px}
    .facts{font-size:13px}
    .chip{padding:0 9px;border-radius:10px;background:var(--faint);font-size:13px;line-height:20px}
    .chip.anomalous{background:none;box-shadow:inset 0 0 0 1px var(--truth);color:var(--truth)}
    .chip.unknown{color:var(--muted)}
    .figures{margin-left:auto;display:flex;gap:16px;font-size:13px;color:var(--muted)}
    .verdict{color:var(--truth);font-weight:600}.tile-line b{flex:none;white-space:nowrap}
    .figure b{color:var(--ink);font-size:17px}
    details.card{padding:0 20px;margin-bottom:8px}
    details.card>summary{padding:10px 0;cursor:pointer;align-items:center;list-style:none}
    summary::-webkit-details-marker{display:none}
    summary::before{content:"";width:6px;height:6px;margin:0 2px;border:solid var(--muted);
    border-width:0 2px 2px 0;transform:rotate(-45deg)}
    details[open]>summary::before{transform:rotate(45deg)}
    summary .spark{flex:0 0 150px;width:150px;height:26px}
    details[open] .spark{visibility:hidden}
    .card-body{padding-bottom:18px;scroll-margin-top:70px}
    .curve-box{position:relative;margin:12px 4px 0 30px}
    .plot{display:block;width:100%;overflow:visible}
    .cursor{position:absolute;top:0;bottom:22px;width:1px;background:var(--ink);
    pointer-events:none}
    .readout{position:absolute;top:-10px;padding:1px 8px;border-radius:6px;background:var(--ink);
    color:var(--panel);font-size:12px;white-space:nowrap;pointer-events:none;
    transform:translateX(-50%)}
    .readout span{margin-left:8px;padding-left:4px;border-left:4px solid}
    .bars .series{stroke-width:10;stroke-dasharray:none}.bar-range{stroke:var(--ink);stroke-width:2}
    .toggles{position:sticky;top:0;z-index:1;padding:6px 14px;align-items:center}
    .toggles input{margin:0 6px 0 0;vertical-align:-2px}.toggles .series{stroke-width:3}
    td small{display:block;color:var(--muted);font-size:12px}
    .failures{color:var(--truth)}table .legend{display:inline-flex;margin:0}
    table .series{stroke-width:3}.models .series{stroke-width:1.6}
    .leaders{display:block;width:calc(100% - 34px);height:34px;margin:0 4px 0 30px;overflow:visible}
    .leaders path{fill:none;stroke:var(--key);stroke-dasharray:1 3;stroke-opacity:.8}
    .frames{display:grid;gap:10px;margin:12px 4px 0 30px;
    grid-template-columns:repeat(auto-fill,minmax(110px,1fr))}
    .frames.row{grid-template-columns:repeat(var(--n),minmax(0,1fr));gap:0;margin-top:4px}
    .frames.row figure{padding:0 4px}
    figure{margin:0;min-width:0}
    img{display:block;width:100%;height:auto;border-radius:5px;background:var(--faint)}
    .no-picture{aspect-ratio:4/3;display:grid;place-items:center;border:1px dashed var(--rule);
    border-radius:5px;color:var(--muted);font-size:12px}
    figcaption{margin-top:5px;font-size:12px;line-height:1.4}
    .pin-tag{display:inline-block;min-width:17px;padding:0 4px;margin-right:5px;border-radius:9px;
    background:var(--key);color:var(--key-ink);font-size:11px;font-weight:600;line-height:17px;
    text-align:center}
    .when{font-weight:600}
    .role{margin-left:6px;color:var(--muted)}
    .reason{display:block;color:var(--muted)}
    .description{margin:16px 4px 0 30px;padding-left:14px;border-left:3px solid var(--rule)}
    .description .text{margin:0;max-width:64em;white-space:pre-line;unicode-bidi:isolate}
    .description .fine{margin-top:4px}
    footer{margin:34px 0 40px;color:var(--muted);font-size:13px}
    """

  private static let narrow = """
    @media (max-width:640px){
    main,.masthead>div{padding:0 14px}
    .masthead{padding:22px 0 20px}h1{font-size:25px}.finding{font-size:17px}
    .metric{padding:14px 14px 10px}
    .card{padding:14px 14px 16px}details.card{padding:0 14px}
    .figures{margin-left:0;width:100%}
    .tick.odd text{display:none}
    .leaders{display:none}
    .frames,.frames.row{grid-template-columns:repeat(2,minmax(0,1fr));gap:12px 8px;margin-left:0;
    margin-top:14px}
    .frames.row figure{padding:0}
    .description{margin-left:0}
    .class-row{grid-template-columns:96px 1fr}.classes{padding:12px 14px 14px}
    .tiles{grid-template-columns:repeat(2,minmax(0,1fr))}
    .table{padding:4px 14px 8px}
    thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
    table,tbody,tr,th,td{display:block}
    tr{padding:9px 0;border-top:1px solid var(--rule)}tbody tr:first-child{border-top:0}
    th,td,.n{border:0;padding:1px 0;text-align:left;white-space:normal}
    td.empty{display:none}
    td[data-label]::before{content:attr(data-label)" ";color:var(--muted);font-size:12px}
    td .bar{display:none}
    .compact td{display:inline-block;min-width:0;margin-right:14px}
    }
    """

  private static let paper = """
    @media print{
    .toggles{position:static}
    :root{\(CurveColors.light.properties)}
    \(CurveColors.light.rules)
    body{zoom:.74;background:#fff;print-color-adjust:exact;-webkit-print-color-adjust:exact}
    .masthead{padding-top:0}main,.masthead>div{max-width:none;padding:0}
    .card,.metric,.tile,tr,figure{break-inside:avoid}h2{break-after:avoid}
    summary .spark,summary::before{display:none}
    .card{padding-top:10px;padding-bottom:12px}.frames figcaption{font-size:11px}
    details::details-content{content-visibility:visible;display:block}
    .sorter,.scripted .sorter,.cursor,.readout{display:none}a{color:inherit}
    }
    """
}
