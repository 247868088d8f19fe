import { parseSource } from "../../../src/model/weights/remote/source.ts";
import { fetchWeights } from "../../../src/model/weights/remote.ts";

/** Fetches weights as a run does: `fetch-worker.ts SOURCE CACHE LOCK_FILE`. Says "waiting" and "done". */
const [source = "", cache = "", lockFile] = process.argv.slice(2);
await fetchWeights(
	parseSource(source),
	{ cache, lockFile },
	{
		onWait: (message) => console.log(message),
		onProgress: ({ done }) => console.log(`at ${done}`),
	},
);
console.log("done");
