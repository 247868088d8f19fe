#!/bin/sh
# Writes onnx_pb.ts from the onnx.proto inside the PyPI package onnx (Apache-2.0, its notice is kept in onnx_pb.ts).
# Run from the project's root, with a Python that has onnx and grpcio-tools (which brings protoc):
#   PYTHON=python3 sh src/model/onnx/gen/generate.sh
set -eu
PYTHON=${PYTHON:-python3}
OUT=src/model/onnx/gen
FOLDER=$("$PYTHON" -c 'import onnx, os; print(os.path.dirname(onnx.__file__))')
"$PYTHON" -m grpc_tools.protoc \
	-I "$FOLDER" \
	--plugin=protoc-gen-es=node_modules/.bin/protoc-gen-es \
	--es_out="$OUT" --es_opt=target=ts \
	"$FOLDER/onnx.proto"
