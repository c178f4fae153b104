import { defineConfig } from '@playwright/test';

export default defineConfig<object, { serverOf: 'file' | 'all' }>({
  // One browser and one server at a time: the tests are meant to pass on two cores.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  reporter: [['list']],
  outputDir: '../../test-results',
  use: {
    viewport: { width: 1280, height: 800 },
    screenshot: 'only-on-failure',
    // Snapshots of the page, without the film of it, which takes a fifth of all that a journey does.
    trace: { mode: 'retain-on-failure', screenshots: false },
    launchOptions: {
      executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync'
      ]
    }
  },
  projects: [
    { name: 'journeys', testDir: 'journeys' },
    { name: 'screenshots', testDir: 'screenshots', use: { serverOf: 'all' } }
  ]
});
