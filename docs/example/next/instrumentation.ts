/** Next.js calls this once per server, and takes no request before it is done. */
export async function register(): Promise<void> {
  // It is bundled for the edge as well, where there is no database driver.
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { migrate } = await import('./database');
    await migrate();
  }
}
