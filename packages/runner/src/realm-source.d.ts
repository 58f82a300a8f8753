/** `realm.ts` bundled to one text; the build puts it here. */
declare module 'realm:source' {
  const source: string;
  export default source;
}
