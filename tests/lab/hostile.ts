import type { Page } from '@playwright/test';

import type { JupyterProcess } from './server';

/** What no part of any text may bring about, spelled without what names of models forbid. */
export const TAGS = '<img src=x onerror=pwned=1><svg onload=pwned=2>';

/** The same with more of it, and with characters that turn the order of others around. */
export const TEXT = `${TAGS}<script>pwned=3</script><style>body{display:none}</style>" onmouseover="pwned=4 \u202eevil`;

/** A text in Markdown that tries everything Markdown lets through. */
export const NOTE = `# A note that means harm

[link](javascript:pwned=10) <a href="javascript:pwned=11">anchor</a> <a href="data:text/html,<script>opener.pwned=12</script>" target="_blank">data</a>

<img src=x onerror="pwned=13"> <img src="https://evil.example/pixel.png"> ![seen](https://evil.example/seen.png)

<script>pwned=14</script><style>body{display:none}</style><link rel="stylesheet" href="https://evil.example/x.css">

<div style="position:fixed;top:0;left:0;width:100vw;height:100vh;z-index:99999;background:url(https://evil.example/bg.png)">cover</div>

<div class="jp-Dialog lm-Widget">a dialog</div>

<div style="position:absolute;inset:0;width:5000px;height:5000px">absolute</div>

<iframe src="https://evil.example/"></iframe><iframe srcdoc="<script>parent.pwned=15</script>"></iframe><object data="https://evil.example/o"></object><embed src="https://evil.example/e">

<form action="https://evil.example/"><input autofocus onfocus="pwned=16"><button>send</button></form>

<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example/">

<video poster="https://evil.example/p.png" src="https://evil.example/v.mp4" autoplay></video><audio src="https://evil.example/a.mp3" autoplay></audio><picture><source srcset="https://evil.example/s.png"><img src="x"></picture><svg><image href="https://evil.example/svg.png"/><use href="https://evil.example/u.svg#u"/></svg>

<button data-commandlinker-command="application:reset-layout">run a command</button>

<math><mtext><table><mglyph><style><img src=x onerror=pwned=17></style></mglyph></table></mtext></math>

$\\href{javascript:pwned=18}{tex}$

\`\`\`mermaid
graph TD; A["<img src=x onerror=pwned=19>"]; click A href "javascript:pwned=20"
\`\`\`

The end of the note.
`;

const PAGE = `<h1>A page</h1><script>parent.pwned=30; top.location='https://evil.example/'</script>
<img src="https://evil.example/page.png" onerror="parent.pwned=31"><meta http-equiv="refresh" content="0;url=https://evil.example/">
<form action="https://evil.example/"><button autofocus>send</button></form>`;

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="parent.pwned=32"><script>parent.pwned=33</script>
<image href="https://evil.example/in.png" width="9" height="9"/><rect width="40" height="40" fill="green"/></svg>`;

const OUTPUTS = [
  { 'text/html': `<script>pwned=40</script>${TEXT}<iframe src="https://evil.example/"></iframe>` },
  { 'application/javascript': 'pwned=41' },
  { 'image/svg+xml': PICTURE },
  { 'text/markdown': NOTE },
  { 'text/latex': '$\\href{javascript:pwned=42}{x}$' },
  { 'application/vnd.trackside.v1+json': { kind: 'run', run_id: '../../../api/shutdown' } },
  { 'application/vnd.trackside.v1+json': { kind: 'jobs', job_ids: ['../..', TEXT, {}] } },
  {
    'application/vnd.trackside.v1+json': { kind: 'constructor', __proto__: { polluted: 1 } },
    'text/html': `<script>pwned=43</script>${TEXT}`
  },
  { 'application/vnd.trackside.v1+json': { kind: 'banner', text: TEXT } }
].map(data => ({ output_type: 'display_data', metadata: {}, data }));

/** A notebook that somebody else wrote, with such outputs and those given. */
export function notebook(more: Record<string, unknown>[] = []): string {
  const outputs = [
    ...OUTPUTS,
    ...more.map(data => ({ output_type: 'display_data', metadata: {}, data }))
  ];
  return JSON.stringify({
    cells: [
      { cell_type: 'markdown', id: 'words', metadata: {}, source: NOTE },
      {
        cell_type: 'code',
        id: 'code',
        metadata: {},
        source: TEXT,
        execution_count: 1,
        outputs: [
          ...outputs,
          { output_type: 'stream', name: 'stdout', text: '\u001b]8;;javascript:pwned=44\u0007x\n' },
          { output_type: 'error', ename: TEXT, evalue: TEXT, traceback: [TEXT] }
        ]
      }
    ],
    metadata: { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' } },
    nbformat: 4,
    nbformat_minor: 5
  });
}

const KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'javascript:pwned'];

/** The files of the run, by path. */
export const FILES: Record<string, string> = {
  'page.html': PAGE,
  'picture.svg': PICTURE,
  'readme.md': NOTE,
  'work.ipynb': notebook(),
  'table.csv': `name,score\n"${TEXT.replaceAll('"', '""')}",=cmd|'/c calc'!A1\n__proto__,1\n`,
  'data.json': '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}',
  [`${TAGS}.txt`]: TEXT,
  'x.constructor': TEXT,
  'x.__proto__': TEXT,
  [`folder" onmouseover="pwned=50/\u202etxt.md`]: NOTE
};

/** Lines of a log, as Python. */
export const PROGRAM = `
print(${JSON.stringify(TEXT)})
print("\\x1b]8;;javascript:pwned=60\\x07a link\\x1b]8;;\\x07 \\x1b]0;a title\\x07")
print("\\x1b[2J\\x1b[H\\x1b[8mhidden\\x1b[0m \\x1b[999999;999999Hfar \\x1b[38;5;999mcolour\\x1b[0m")
print("\\u202eturned around \\u2066 https://evil.example/<script>pwned=61</script>")
print("loss=0.5 __proto__=1 constructor=2")
print("W" * 100_000)
raise ValueError(${JSON.stringify(TEXT)})
`;

/** Log an experiment in which every text means harm. */
export async function logHostile(server: JupyterProcess) {
  const mlflow = (path: string, body: unknown, method = 'POST') =>
    server.request(`trackside/api/2.0/mlflow/${path}`, method, body);
  const { experiment_id: experiment } = await mlflow('experiments/create', {
    name: TEXT,
    tags: [{ key: 'mlflow.note.content', value: NOTE }]
  });
  const runs: string[] = [];
  for (const number of [1, 2, 3]) {
    const { run } = await mlflow('runs/create', {
      experiment_id: experiment,
      run_name: `${TEXT} ${number}`,
      user_id: TEXT,
      start_time: Date.now(),
      tags: [
        ...KEYS.map(key => ({ key, value: TEXT })),
        { key: 'mlflow.note.content', value: NOTE },
        { key: 'mlflow.source.name', value: TEXT },
        { key: 'mlflow.source.git.commit', value: TEXT },
        { key: 'trackside.reason.message', value: TEXT }
      ]
    });
    const run_id = run.info.run_id;
    await mlflow('runs/log-batch', {
      run_id,
      params: [
        ...KEYS.map(key => ({ key, value: `${TEXT} ${number}` })),
        { key: 'long', value: 'W'.repeat(6000) }
      ],
      metrics: KEYS.flatMap(key =>
        [0, 1, 2].map(step => ({ key, step, value: step / number, timestamp: Date.now() }))
      )
    });
    await mlflow('runs/update', { run_id, status: 'FAILED', end_time: Date.now() });
    const root = run.info.artifact_uri.split(':/')[1];
    for (const [path, content] of Object.entries(FILES)) {
      const encoded = path.split('/').map(encodeURIComponent).join('/');
      const answer = await fetch(
        `${server.url}trackside/api/2.0/mlflow-artifacts/artifacts/${root}/${encoded}`,
        { method: 'PUT', headers: { Authorization: `Bearer ${server.token}` }, body: content }
      );
      if (!answer.ok) {
        throw new Error(`${path}: ${await answer.text()}`);
      }
    }
    runs.push(run_id);
  }
  await mlflow('registered-models/create', {
    name: TAGS,
    description: NOTE,
    tags: KEYS.map(key => ({ key, value: TEXT }))
  });
  await mlflow('model-versions/create', {
    name: TAGS,
    source: `runs:/${runs[0]}/model`,
    run_id: runs[0],
    description: NOTE,
    tags: KEYS.map(key => ({ key, value: TEXT }))
  });
  return { experiment: String(experiment), runs };
}

/** Sees whether anything of it came about. */
export class Watch {
  private readonly seen: string[] = [];

  constructor(
    private readonly page: Page,
    private readonly host: string
  ) {}

  async start(): Promise<void> {
    const { page } = this;
    page.on('dialog', dialog => {
      this.seen.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('popup', popup => this.seen.push(`popup: ${popup.url()}`));
    page.on('framenavigated', frame => {
      if (frame === page.mainFrame() && !frame.url().includes('/lab')) {
        this.seen.push(`navigation: ${frame.url()}`);
      }
    });
    await page.route(
      url => /^(https?|wss?):$/.test(url.protocol) && url.host !== this.host,
      route => {
        this.seen.push(`request: ${route.request().url()}`);
        return route.abort();
      }
    );
  }

  /** What came about, in words; nothing if all is well. */
  async found(): Promise<string[]> {
    const inPage = await this.page.evaluate(() => {
      const found: string[] = [];
      if ('pwned' in window) {
        found.push(`script: ${String(Reflect.get(window, 'pwned'))}`);
      }
      if ('polluted' in {}) {
        found.push('a property of every object');
      }
      if (getComputedStyle(document.body).display === 'none') {
        found.push('the page is hidden');
      }
      const inside = '[class*="jp-Trackside"]';
      const acting = ['base', 'meta', 'link', 'script', 'object', 'embed', 'iframe[src]']

        .concat(
          '.jp-TracksideRendered form',
          'a[href^="javascript:" i]',
          'a[href^="data:" i]',
          '[data-commandlinker-command]'
        )
        .map(selector => `${inside} ${selector}`);
      for (const node of Array.from(document.querySelectorAll(acting.join()))) {
        found.push(`element: ${node.outerHTML.slice(0, 150)}`);
      }
      for (const node of Array.from(document.querySelectorAll(`${inside} *`))) {
        const { position } = getComputedStyle(node);
        const { width, height } = node.getBoundingClientRect();
        if (position === 'fixed' && !node.closest('[popover]') && width * height > 40_000) {
          found.push(`overlay: ${node.outerHTML.slice(0, 150)}`);
        }
        const inline = node.getAttribute('style') ?? '';
        if (/position:\s*(fixed|sticky)|url\(/.test(inline)) {
          found.push(`style: ${inline.slice(0, 150)}`);
        }
        for (const { name } of Array.from(node.attributes)) {
          if (name.startsWith('on')) {
            found.push(`attribute: ${name}`);
          }
        }
      }
      // What stands in the middle of the menu bar and the status bar is still theirs.
      const top = document.elementFromPoint(window.innerWidth / 2, 8);
      if (!top?.closest('#jp-top-panel, #jp-menu-panel, #jp-top-bar, #jp-MainMenu')) {
        found.push(`covers the menu: ${top?.outerHTML.slice(0, 150)}`);
      }
      return found;
    });
    return [...this.seen, ...inPage];
  }
}
