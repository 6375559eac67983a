/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  testEnvironment: 'node',
  // Tests read the TypeScript of every package of the workspace, not its build.
  testEnvironmentOptions: { customExportConditions: ['@socketserver/source', 'node', 'node-addons'] },
  roots: ['<rootDir>/packages', '<rootDir>/examples', '<rootDir>/test'],
  testMatch: ['**/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/'],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.test.json' }] },
  testTimeout: 20_000,
  // The second one writes docs/python-conformance.md, and fails a run of all tests that does not keep its promises.
  reporters: ['default', '<rootDir>/test/conformance/reporter.cjs'],
};

export default config;
