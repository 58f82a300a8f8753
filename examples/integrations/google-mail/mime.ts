/** Writes a mail as RFC 5322 and MIME want it: ASCII on the wire, bodies in base64, every line end CR LF. Pure. */

export type Mail = {
  to: readonly string[];
  cc?: readonly string[] | undefined;
  bcc?: readonly string[] | undefined;
  subject: string;
  text: string;
  html?: string | undefined;
  inReplyTo?: string | undefined;
};

export const writeMail = (mail: Mail): string => {
  const headers = [
    `To: ${mail.to.join(', ')}`,
    ...(mail.cc?.length ? [`Cc: ${mail.cc.join(', ')}`] : []),
    ...(mail.bcc?.length ? [`Bcc: ${mail.bcc.join(', ')}`] : []),
    `Subject: ${encodeHeader(mail.subject)}`,
    ...(mail.inReplyTo ? [`In-Reply-To: ${mail.inReplyTo}`, `References: ${mail.inReplyTo}`] : []),
    'MIME-Version: 1.0',
  ];
  return [...headers, ...(mail.html === undefined ? part('text/plain', mail.text) : both(mail.text, mail.html))].join('\r\n');
};

const part = (type: string, content: string): string[] => [
  `Content-Type: ${type}; charset=utf-8`,
  'Content-Transfer-Encoding: base64',
  '',
  ...(Buffer.from(content, 'utf8')
    .toString('base64')
    .match(/.{1,76}/g) ?? ['']),
];

/** The boundary has characters that base64 has not, so it is in no part. */
const boundary = '=_bowline_alternative_=';

const both = (text: string, html: string): string[] => [
  `Content-Type: multipart/alternative; boundary="${boundary}"`,
  '',
  `--${boundary}`,
  ...part('text/plain', text),
  `--${boundary}`,
  ...part('text/html', html),
  `--${boundary}--`,
];

/** RFC 2047: words that are not ASCII, in pieces of at most 75 characters that cut no character in two. */
const encodeHeader = (value: string): string => {
  if (/^[\x20-\x7e]*$/.test(value)) return value;
  const pieces: string[] = [];
  let piece = '';
  for (const character of value) {
    if (Buffer.byteLength(piece + character) > 42) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...pieces, piece].map((one) => `=?UTF-8?B?${Buffer.from(one, 'utf8').toString('base64')}?=`).join('\r\n ');
};
