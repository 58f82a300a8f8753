/** Runs before the test files of a project. */
import { NangoActionMock, NangoSyncMock } from './mock.ts';

Object.assign(globalThis, { vitest: { NangoActionMock, NangoSyncMock } });
