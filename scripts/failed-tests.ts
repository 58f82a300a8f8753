/** A Vitest reporter that ends a run with one line for each failed test, so that a log of which only the end is kept still names them all. */
import type { Reporter, TestModule } from 'vitest/node';

export const failedTests: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const failed = modules.flatMap((module) => [
      ...module.errors().map(({ message }) => ({ module, name: '(the file itself)', message })),
      ...[...module.children.allTests('failed')].map((test) => ({
        module,
        name: test.fullName,
        message: test.result().errors?.[0]?.message ?? '',
      })),
    ]);
    if (failed.length === 0) return;
    console.error(`\nFailed (${failed.length}):`);
    for (const { module, name, message } of failed)
      console.error(`  ${module.project.name} · ${module.relativeModuleId} > ${name}: ${message.split('\n')[0]?.slice(0, 200)}`);
  },
};
