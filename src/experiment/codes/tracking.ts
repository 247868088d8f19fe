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
	"mlflow-python": {
		title: "There is no Python that MLflow could run in.",
		explanation:
			"graft mlflow makes a private environment with uv, or with Python 3.10 or newer. GRAFT_MLFLOW_PYTHON names a Python that has mlflow already. Without Python, graft ls, graft show and each run's report.html show the same numbers.",
	},
	"mlflow-install": {
		title: "MLflow could not be installed.",
		explanation:
			"uv or pip said why. It needs a package index that can be reached, and about 850 MB.",
	},
	"mlflow-server": {
		title: "The local MLflow did not start.",
		explanation:
			"What it said is in mlflow/server.log in the runs folder. A database of a newer MLflow is one cause: move mlflow/ away, and graft mlflow fills a new one from the journals.",
	},
	"tracking-none": {
		title: "No server is named.",
		explanation:
			"graft sync needs to know where runs should go: --to URL, MLFLOW_TRACKING_URI, or tracking.uri in the experiment file.",
		right: "graft sync --to http://127.0.0.1:5000",
	},
};
