"""Writes the small networks in onnx/ and what onnxruntime's Python package computes with them.

Run from this folder with torch, torchvision, onnx, onnxruntime and numpy:  python make_onnx.py
Inputs are float32(sin(i)), i the flat index.
"""
import json, os, warnings
import numpy as np, onnx, onnxruntime as ort, torch
from onnx import TensorProto as T, helper as h, numpy_helper as nh

warnings.filterwarnings("ignore")
OUT = "onnx"
golden = {}


def sine(*shape):
    return np.sin(np.arange(np.prod(shape))).astype(np.float32).reshape(shape)


def record(name, shape):
    path = f"{OUT}/{name}.onnx"
    session = ort.InferenceSession(path)
    given = session.get_inputs()[0]
    x = sine(*shape)
    kind = np.float16 if given.type == "tensor(float16)" else np.float32
    outputs = session.run(None, {given.name: x.astype(kind)})
    golden[name] = {
        "shape": list(shape),
        "outputs": {o.name: [round(float(v), 6) for v in y.ravel()] for o, y in zip(session.get_outputs(), outputs)},
        "opset": [i.version for i in onnx.load(path, load_external_data=False).opset_import if i.domain == ""][0],
    }


class Tiny(torch.nn.Module):
    def __init__(self):
        super().__init__()
        nn = torch.nn
        self.conv1 = nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.layer1 = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.Hardswish(), nn.Conv2d(4, 4, 1))
        self.pool = nn.MaxPool2d(2)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(64, 6), nn.ReLU6(), nn.Linear(6, 5))

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.pool(x + self.layer1(x))
        x = x.view(x.size(0), -1)
        return torch.log_softmax(self.classifier(x), 1)


torch.manual_seed(0)
tiny = Tiny()
tiny(torch.randn(8, 3, 16, 16))  # moves the BatchNorm statistics away from 0 and 1
tiny.eval()
names = {"input_names": ["image"], "output_names": ["scores"]}
for opset in (11, 17):
    torch.onnx.export(tiny, (torch.zeros(1, 3, 16, 16),), f"{OUT}/tiny{opset}.onnx", dynamo=False, opset_version=opset,
                      dynamic_axes={"image": {0: "n"}, "scores": {0: "n"}}, **names)
    record(f"tiny{opset}", (2, 3, 16, 16))
# The default of today's torch.onnx.export: a batch of one, constants everywhere, weights in a file of their own.
program = torch.onnx.export(tiny, (torch.zeros(1, 3, 16, 16),), dynamo=True, opset_version=22, verbose=False, **names)
program.save(f"{OUT}/tiny22.onnx", external_data=True)
stripped = onnx.load(f"{OUT}/tiny22.onnx", load_external_data=False)
for node in stripped.graph.node:
    del node.metadata_props[:]
del stripped.graph.metadata_props[:]
onnx.save(stripped, f"{OUT}/tiny22.onnx")
record("tiny22", (1, 3, 16, 16))


def save(name, nodes, inputs, outputs, initializers=(), opset=17, ir=8, functions=(), domains=()):
    graph = h.make_graph(nodes, name, inputs, outputs, initializers)
    model = h.make_model(graph, ir_version=ir, functions=list(functions),
                         opset_imports=[h.make_opsetid("", opset), *[h.make_opsetid(d, 1) for d in domains]])
    onnx.save(model, f"{OUT}/{name}.onnx")


info = h.make_tensor_value_info
# Every way a file can hold numbers: each constant is cast to float and added to the input, one after another.
values = [1.5, -2, 3, 0.25]
kinds = [
    h.make_tensor("float_data", T.FLOAT, [4], values),
    nh.from_array(np.array(values, np.float32), "float_raw"),
    h.make_tensor("double_data", T.DOUBLE, [4], values),
    h.make_tensor("half_bits", T.FLOAT16, [4], values),
    nh.from_array(np.array(values, np.float16), "half_raw"),
    h.make_tensor("bfloat_bits", T.BFLOAT16, [4], values),
    h.make_tensor("int64_data", T.INT64, [4], [1, -2, 3, 4]),
    h.make_tensor("int32_data", T.INT32, [4], [1, -2, 3, 4]),
    nh.from_array(np.array([1, -2, 3, 4], np.int16), "int16_raw"),
    h.make_tensor("int8_data", T.INT8, [4], [1, -2, 3, 4]),
    h.make_tensor("uint8_data", T.UINT8, [4], [1, 2, 3, 255]),
    h.make_tensor("uint16_data", T.UINT16, [4], [1, 2, 3, 65535]),
    h.make_tensor("uint32_data", T.UINT32, [4], [1, 2, 3, 4]),
    h.make_tensor("uint64_data", T.UINT64, [4], [1, 2, 3, 4]),
    h.make_tensor("bool_data", T.BOOL, [4], [1, 0, 1, 1]),
]
nodes, last = [], "x"
constants = [
    h.make_node("Constant", [], ["c_tensor"], value=nh.from_array(np.array(values, np.float32))),
    h.make_node("Constant", [], ["c_float"], value_float=0.5),
    h.make_node("Constant", [], ["c_floats"], value_floats=values),
    h.make_node("Constant", [], ["c_int"], value_int=7),
    h.make_node("Constant", [], ["c_ints"], value_ints=[1, 2, 3, 4]),
]
for name in [k.name for k in kinds] + ["c_tensor", "c_float", "c_floats", "c_int", "c_ints"]:
    nodes.append(h.make_node("Cast", [name], [f"{name}_f"], to=T.FLOAT))
    nodes.append(h.make_node("Add", [last, f"{name}_f"], [f"{name}_sum"]))
    last = f"{name}_sum"
save("kinds", constants + nodes, [info("x", T.FLOAT, ["n", 4])], [info(last, T.FLOAT, ["n", 4])], kinds)
record("kinds", (2, 4))

# An initializer that is also an input (a default), a branch with weights of its own, attributes of odd names.
branch = lambda name, factor: h.make_graph(
    [h.make_node("Mul", ["scaled", f"{name}_w"], [f"{name}_out"])], name, [], [info(f"{name}_out", T.FLOAT, None)],
    [nh.from_array(np.array([factor], np.float32), f"{name}_w")])
save("branches", [
    h.make_node("Mul", ["x", "w"], ["scaled"]),
    h.make_node("ReduceSum", ["x"], ["total"], keepdims=0),
    h.make_node("Greater", ["total", "zero"], ["positive"]),
    h.make_node("If", ["positive"], ["y"], then_branch=branch("then", 2.0), else_branch=branch("else", -3.0)),
    h.make_node("LeakyRelu", ["y"], ["z"], alpha=0.3),
], [info("x", T.FLOAT, ["n", 4]), info("w", T.FLOAT, [4])], [info("z", T.FLOAT, ["n", 4])],
    [nh.from_array(np.array(values, np.float32), "w"), nh.from_array(np.float32(0), "zero")], opset=13)
record("branches", (2, 4))

# A function of the model's own, called twice, with an attribute handed through.
body = [h.make_node("LeakyRelu", ["a"], ["b"], name="relu"), h.make_node("Add", ["b", "a"], ["c"], name="add")]
body[0].attribute.append(onnx.AttributeProto(name="alpha", type=onnx.AttributeProto.FLOAT, ref_attr_name="slope"))
double = h.make_function("own", "Twice", ["a"], ["c"], body, [h.make_opsetid("", 17)], ["slope"])
save("functions", [
    h.make_node("Twice", ["x"], ["y"], name="first", domain="own", slope=0.5),
    h.make_node("Twice", ["y"], ["z"], name="second", domain="own", slope=0.1),
], [info("x", T.FLOAT, ["n", 4])], [info("z", T.FLOAT, ["n", 4])], functions=[double], domains=["own"])
record("functions", (2, 4))

# Half precision from end to end.
save("half", [h.make_node("MatMul", ["x", "w"], ["y"]), h.make_node("Relu", ["y"], ["z"])],
     [info("x", T.FLOAT16, ["n", 4])], [info("z", T.FLOAT16, ["n", 3])],
     [nh.from_array(sine(4, 3).astype(np.float16), "w")])
record("half", (2, 4))

json.dump(golden, open(f"{OUT}/golden.json", "w"))
print({name: os.path.getsize(f"{OUT}/{name}.onnx") for name in golden})
