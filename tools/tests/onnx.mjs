// Runs the models of a folder that wgan/share/onnx_test.cc has written, in ONNX Runtime.
//   node onnx.mjs FOLDER
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';

const require = createRequire(new URL('../../build/node/', import.meta.url));
const ort = require('onnxruntime-node');

// [shape, numbers] of an NPY file of float32 or float64.
function npy(file) {
  const bytes = readFileSync(file);
  const header = bytes.subarray(10, 10 + bytes.readUInt16LE(8)).toString();
  const shape = header.match(/'shape': \(([^)]*)\)/)[1].split(',').filter(Boolean).map(Number);
  const data = bytes.subarray(10 + bytes.readUInt16LE(8));
  const Numbers = header.includes('<f4') ? Float32Array : Float64Array;
  return [shape, new Numbers(data.buffer.slice(data.byteOffset, data.byteOffset + data.length))];
}

const folder = process.argv[2];
const cases = JSON.parse(readFileSync(`${folder}/cases.json`));
let wrong = 0;
for (const {name, file, allowed} of cases) {
  const [shape, z] = npy(`${folder}/${file}-z.npy`);
  const [, exact] = npy(`${folder}/${file}-exact.npy`);
  const session = await ort.InferenceSession.create(`${folder}/${file}.onnx`);
  const {values} = await session.run({z: new ort.Tensor('float32', z, shape)});
  let error = values.data.length === exact.length ? 0 : Infinity;
  for (let i = 0; i < exact.length; ++i) error = Math.max(error, Math.abs(values.data[i] - exact[i]));
  if (error <= allowed) continue;
  console.log(`${name}: error ${error}, allowed ${allowed}`);
  ++wrong;
}
console.log(`${cases.length - wrong} of ${cases.length} models agree`);
process.exit(wrong > 0 || cases.length === 0 ? 1 : 0);
