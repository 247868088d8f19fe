import type { CodeEntry } from "./entry.ts";

/** Errors and warnings about MLflow. */
export const trackingCodes: Readonly<Record<string, CodeEntry>> = {
	"tracking-uri": {
		title: "The tracking server's address cannot be used.",
		explanation:
			"Runs are sent to an MLflow server over http:// or https://. For files and databases that MLflow opens itself, start mlflow server on them and name its address.",
		wrong: "MLFLOW_TRACKING_URI=sqlite:///mlflow.db",
		right: "MLFLOW_TRACKING_URI=http://127.0.0.1:5000",
	},
	"tracking-file": {
		title: "A certificate of the tracking server cannot be read.",
		explanation:
			"MLFLOW_TRACKING_SERVER_CERT_PATH names a PEM file with the authority that signed the server's certificate, MLFLOW_TRACKING_CLIENT_CERT_PATH one with the client's certificate and key.",
	},
	"tracking-none": {
		title: "No server is named.",
		explanation:
			"graft sync needs to know where runs should go: --to URL, MLFLOW_TRACKING_URI, or tracking.uri in the experiment file.",
		right: "graft sync --to http://127.0.0.1:5000",
	},
};
