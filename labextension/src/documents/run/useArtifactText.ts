import { readBeginning, toText } from './artifacts/read';
import { useFetched } from './hooks';
import type { RunModel } from './model';

/** The most that is read of a text that stands in a tab. */
const LIMIT = 2 * 2 ** 20;

/** The text of an artifact; `null` when the run has none of that name. */
export function useArtifactText(
  document: RunModel,
  path: string
): { text: string | null; isWhole: boolean; isLoading: boolean; error: unknown } {
  const { run, tracks } = document;
  const { value, isLoading, error } = useFetched(
    async signal => {
      if (!run) {
        return null;
      }
      // Asked first, since a request for what is not there would look like a fault.
      const folder = path.slice(0, path.lastIndexOf('/'));
      const files = await tracks.trackingApi.artifacts(run.info.run_id, folder, signal);
      if (!files.some(file => file.path === path)) {
        return null;
      }
      const response = await tracks.trackingApi.artifact(run.info, path, signal);
      const { bytes, isWhole } = await readBeginning(response, LIMIT);
      return { text: toText(bytes), isWhole };
    },
    // What is recorded comes soon after the start, at the latest with the end.
    [run?.info.run_id, run?.info.status, run?.tags.size, path]
  );
  return { text: value?.text ?? null, isWhole: value?.isWhole ?? true, isLoading, error };
}
