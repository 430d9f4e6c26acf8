/** The strings that are signed, taken apart line by line. Pure. */

const METHOD = /^(GET|POST|PUT|PATCH|DELETE)$/;
const SECONDS = /^\d{9,11}$/;

const SHAPES = {
  request: ['lineMethod', 'linePath', 'lineTimestamp', 'lineNonce', 'lineBody'],
  answer: ['lineTimestamp', 'lineNonce', 'lineBody'],
  pay: ['appId', 'timeStamp', 'nonceStr', 'package'],
};

/**
 * Which of the three strings of API v3 this is; `null` if it is none of them.
 *
 * @param {string} text
 * @returns {keyof typeof SHAPES | null}
 */
export function shapeOf(text) {
  const lines = text.split('\n');
  if (METHOD.test(lines[0]) && lines.length >= 5) return 'request';
  if (SECONDS.test(lines[0]) && lines.length >= 3) return 'answer';
  if (SECONDS.test(lines[1] ?? '') && lines.length >= 4) return 'pay';
  return null;
}

/**
 * The lines with their labels. The last member takes all that is left, because a body may have
 * line feeds of its own; `ended` says whether the line feed that must follow it is there.
 *
 * @param {string} text
 * @returns {{ label: string | null, text: string, ended: boolean }[]}
 */
export function signedLines(text) {
  const shape = shapeOf(text);
  if (shape === null) return plain(text);
  const labels = SHAPES[shape];
  const parts = text.split('\n');
  const head = parts.slice(0, labels.length - 1);
  const rest = parts.slice(labels.length - 1).join('\n');
  const ended = rest.endsWith('\n');
  return [
    ...head.map((line, i) => ({ label: labels[i], text: line, ended: true })),
    { label: labels.at(-1), text: ended ? rest.slice(0, -1) : rest, ended },
  ];
}

function plain(text) {
  const lines = text.split('\n');
  const ended = lines.at(-1) === '';
  return (ended ? lines.slice(0, -1) : lines)
    .map((line, i, all) => ({ label: null, text: line, ended: ended || i < all.length - 1 }));
}

/**
 * The members of an `Authorization` header of API v3; `null` for any other.
 *
 * @param {string} value
 * @returns {{ scheme: string, members: [string, string][] } | null}
 */
export function authorization(value) {
  const [, scheme, rest] = /^(WECHATPAY2-[A-Z0-9-]+) (.*)$/.exec(value) ?? [];
  if (!scheme) return null;
  return { scheme, members: [...rest.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, text]) => [name, text]) };
}
