// Reads ONNX models as the project behind the format does: its checker, and shape inference that
// stops at anything it does not understand.
//   onnx_check FILE...
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include <exception>
#include <fstream>
#include <iostream>

int main(int argc, char** argv) {
  int wrong = 0;
  for (int i = 1; i < argc; ++i) {
    try {
      onnx::ModelProto model;
      std::ifstream file(argv[i], std::ios::binary);
      if (!model.ParseFromIstream(&file)) throw std::runtime_error("is no model");
      onnx::checker::check_model(model);
      onnx::ShapeInferenceOptions strict{/*check_type=*/true, /*error_mode=*/1, /*data_prop=*/true};
      onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), strict);
    } catch (const std::exception& error) {
      std::cerr << argv[i] << ": " << error.what() << '\n';
      ++wrong;
    }
  }
  return wrong == 0 && argc > 1 ? 0 : 1;
}
