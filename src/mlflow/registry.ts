import type { Target } from "./attach.ts";
import {
	type Client,
	createModelVersion,
	createRegisteredModel,
	getRegisteredModel,
	searchModelVersions,
	setRegisteredModelAlias,
} from "./client.ts";
import { HttpError } from "./http.ts";

/** MLflow's model registry: a name, its versions, and aliases that point to one of them. */
export interface Registration {
	readonly name: string;
	readonly alias: string | undefined;
}

/**
 * Makes the model a version of `name`, once, and gives the alias to a version that is new. An alias that somebody
 * has moved since stays where it is.
 *
 * @returns what went wrong, one sentence each; a registry never ends a run
 * @throws HttpError where the server gives no answer at all
 */
export async function registerModel(
	client: Client,
	target: Target,
	modelId: string,
	{ name, alias }: Registration,
): Promise<string[]> {
	try {
		await makeName(client, name);
		const source = `models:/${modelId}`;
		const known = await versionOf(client, name, target.runId, source);
		const version =
			known ?? (await makeVersion(client, name, target, modelId, source));
		if (alias === undefined) return [];
		const isTaken = await hasAlias(client, name, alias);
		if (known === undefined || !isTaken)
			await client.call(setRegisteredModelAlias, { name, alias, version });
		return [];
	} catch (error) {
		if (!(error instanceof HttpError) || error.status === undefined)
			throw error;
		return [`the model could not be registered as ${name}: ${error.message}`];
	}
}

async function makeName(client: Client, name: string): Promise<void> {
	try {
		await client.call(getRegisteredModel, { name });
		return;
	} catch (error) {
		if (!isCode(error, "RESOURCE_DOES_NOT_EXIST")) throw error;
	}
	try {
		await client.call(createRegisteredModel, { name });
	} catch (error) {
		// Another run was first.
		if (!isCode(error, "RESOURCE_ALREADY_EXISTS")) throw error;
	}
}

async function versionOf(
	client: Client,
	name: string,
	runId: string,
	source: string,
): Promise<string | undefined> {
	const { modelVersions } = await client.call(searchModelVersions, {
		filter: `name = '${name.replaceAll("'", "''")}' and run_id = '${runId}'`,
	});
	return modelVersions
		.filter((version) => version.source === source)
		.sort((a, b) => Number(a.version) - Number(b.version))[0]?.version;
}

async function makeVersion(
	client: Client,
	name: string,
	{ runId }: Target,
	modelId: string,
	source: string,
): Promise<string> {
	try {
		const made = await client.call(createModelVersion, {
			...{ name, source, runId, modelId },
		});
		const version = made.modelVersion?.version;
		if (version) return version;
	} catch (error) {
		// A connection that broke leaves open whether the version was made: the search tells.
		if (!(error instanceof HttpError) || error.status !== undefined)
			throw error;
	}
	const version = await versionOf(client, name, runId, source);
	if (version === undefined)
		throw new HttpError("the version was made and is not there", 200);
	return version;
}

async function hasAlias(
	client: Client,
	name: string,
	alias: string,
): Promise<boolean> {
	const { registeredModel } = await client.call(getRegisteredModel, { name });
	const aliases = registeredModel?.aliases ?? [];
	return aliases.some((one) => one.alias === alias);
}

function isCode(error: unknown, code: string): boolean {
	return error instanceof HttpError && error.errorCode === code;
}
