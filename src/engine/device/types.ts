/** onnxruntime's execution providers that Graft asks for. */
export type Provider = "cpu" | "cuda" | "webgpu" | "coreml";
