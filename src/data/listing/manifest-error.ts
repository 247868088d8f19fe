import type { Range } from "../../diagnostic.ts";
import { type DataDiagnostic, dataError } from "../diagnose.ts";

/** Makes an error with a place in the manifest. */
export type ManifestError = (
	code: string,
	message: string,
	range: Range | undefined,
	more?: Partial<DataDiagnostic>,
) => DataDiagnostic;

/** Errors in this manifest. */
export function manifestErrors(file: string): ManifestError {
	return (code, message, range, more = {}) =>
		dataError(["data", "manifest"], code, message, {
			file,
			...(range !== undefined && { range }),
			...more,
		});
}
