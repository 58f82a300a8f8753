/** `realm.ts` bundled to one text; the build puts it here. */
declare module 'realm:source' {
  export const realmSource: string;
}
