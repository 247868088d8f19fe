/**
 * What Graft's client and MLflow's server agree on, in one process so that one server serves all of it: it takes 10 to
 * 25 s to start.
 */
import "./contract/silent-loss.ts";
import "./contract/limits.ts";
import "./contract/tls.ts";
import "./contract/python-client.ts";
import "./contract/checkpoints.ts";
