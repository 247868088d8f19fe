import { canonicalJson, type Json } from "../../fingerprint.ts";

/** A value as a text that equal values share; "" where JSON cannot say it (.nan), which equals nothing written. */
export function canonical(value: Json): string {
	try {
		return canonicalJson(value);
	} catch {
		return "";
	}
}
