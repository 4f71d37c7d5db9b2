import { ready } from '../../database';

/** Asked at every request, not when the pages are built. */
export const dynamic = 'force-dynamic';

export async function GET(): Promise<Response> {
  const answer = await ready.check();
  return Response.json(answer, { status: answer.ready ? 200 : 503 });
}
