// Cells of a map: where they lie, what each holds, and how they are drawn. Nothing here touches the page.

const LUT = 65536, EARTH = 360;

const mercator = (lon, lat) => [(lon + 180) / EARTH, (1 - Math.asinh(Math.tan(lat * Math.PI / 180)) / Math.PI) / 2];
const degrees = (x, y) => [x * EARTH - 180, Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180 / Math.PI];

/** Places of a grid's corners on the map, from a net of exact ones: straight between them. */
export class Ground {
  constructor({rows, cols, north, west, metres, mesh}) {
    Object.assign(this, {rows, cols, north, west, metres, mesh});
    this.points = mesh.lon.map((lon, i) => mercator(lon, mesh.lat[i]));
    const wide = mesh.cols.length, [a, b, c] = [0, wide - 1, this.points.length - wide].map(i => this.points[i]);
    this.origin = a;  // a first guess: the whole grid as a parallelogram
    this.across = [(b[0] - a[0]) / cols, (b[1] - a[1]) / cols];
    this.down = [(c[0] - a[0]) / rows, (c[1] - a[1]) / rows];
  }

  /** Mercator place of a corner (column and row from the north-west, fractions allowed). */
  at(col, row) {
    const {rows, cols} = this.mesh, wide = cols.length;
    const within = (ends, k) => Math.max(0, ends.findLastIndex((end, i) => end <= k && i < ends.length - 1));
    const i = within(cols, col), j = within(rows, row);
    const u = (col - cols[i]) / (cols[i + 1] - cols[i]), v = (row - rows[j]) / (rows[j + 1] - rows[j]);
    const [a, b, c, d] = [j * wide + i, j * wide + i + 1, (j + 1) * wide + i, (j + 1) * wide + i + 1].map(k => this.points[k]);
    return [0, 1].map(k => (a[k] * (1 - u) + b[k] * u) * (1 - v) + (c[k] * (1 - u) + d[k] * u) * v);
  }

  /** The number of the cell at a longitude and latitude, -1 outside the grid. */
  cellAt(lon, lat) {
    const [x, y] = mercator(lon, lat), [ax, ay] = this.across, [dx, dy] = this.down, det = ax * dy - ay * dx;
    let [px, py] = this.origin, col = 0, row = 0;
    for (let k = 0; k < 4; k++) {  // each round mends what the net differs from a parallelogram by
      col += ((x - px) * dy - (y - py) * dx) / det;
      row += ((y - py) * ax - (x - px) * ay) / det;
      [px, py] = this.at(col, row);
    }
    const inside = col >= 0 && row >= 0 && col < this.cols && row < this.rows;
    return inside ? Math.floor(row) * this.cols + Math.floor(col) : -1;
  }

  /** Longitude and latitude of a cell's middle. */
  middle(cell) {
    return degrees(...this.at(cell % this.cols + .5, Math.floor(cell / this.cols) + .5));
  }

  /** A cell's outline as a polygon of degrees. */
  outline(cell) {
    const col = cell % this.cols, row = Math.floor(cell / this.cols);
    const ring = [[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]].map(([u, v]) => degrees(...this.at(col + u, row + v)));
    return {type: 'Feature', properties: {}, geometry: {type: 'Polygon', coordinates: [ring]}};
  }

  bounds() {
    const {lon, lat} = this.mesh;
    return [[Math.min(...lon), Math.min(...lat)], [Math.max(...lon), Math.max(...lat)]];
  }

  /** The name that tables give a cell. */
  name(cell) {
    return `${this.metres}:${this.north - Math.floor(cell / this.cols)}:${this.west + cell % this.cols}`;
  }

  number(name) {
    const [metres, row, col] = name.split(':').map(Number), r = this.north - row, c = col - this.west;
    return metres === this.metres && r >= 0 && c >= 0 && r < this.rows && c < this.cols ? r * this.cols + c : -1;
  }

  same(other) {
    return ['rows', 'cols', 'north', 'west', 'metres'].every(name => this[name] === other[name]);
  }
}

/** The planes of a map: each layer's codes, what they mean, and the areas. */
export class Planes {
  constructor(told, buffer) {
    const size = told.grid.rows * told.grid.cols;
    const codes = new Uint16Array(buffer);  // little endian, as every browser's machine is
    if (codes.length !== size * (told.layers.length + 1)) throw new Error('planes of another size');
    this.size = size;
    this.layers = new Map(told.layers.map((layer, k) => [layer.id, {
      codes: codes.subarray(k * size, (k + 1) * size), values: meanings(layer.scale)}]));
    this.areas = codes.subarray(told.layers.length * size);
  }

  value(id, cell) {
    const layer = this.layers.get(id);
    return layer ? layer.values[layer.codes[cell]] : NaN;
  }

  has(cell) {
    return [...this.layers.values()].some(layer => layer.codes[cell]);
  }

  /** Place of a cell in the order of a layer's values, highest first, and of how many. */
  rank(id, cell) {
    const {codes} = this.layers.get(id), own = codes[cell];
    let above = 0, all = 0;
    for (let k = 0; k < codes.length; k++) { above += codes[k] > own; all += codes[k] > 0; }
    return own ? [above + 1, all] : [NaN, all];
  }

  /** Class of every cell (1 for the lowest, 0 for none), by classes' lower ends. */
  classes(id, lows) {
    const {codes, values} = this.layers.get(id), of = new Uint8Array(LUT), made = new Uint8Array(this.size);
    for (let code = 1; code < LUT; code++) {
      of[code] = 1;
      for (let k = 1; k < lows.length; k++) if (values[code] >= lows[k] * (1 - 1e-3)) of[code] = k + 1;
    }
    for (let k = 0; k < made.length; k++) made[k] = of[codes[k]];
    return made;
  }

  /** One layer less another, of this map or another one of the same grid; NaN where either has no value. */
  difference(id, other, otherId) {
    const a = this.layers.get(id), b = other.layers.get(otherId), made = new Float32Array(this.size);
    for (let k = 0; k < made.length; k++) made[k] = a.values[a.codes[k]] - b.values[b.codes[k]];
    return made;
  }
}

function meanings([kind, low, step]) {
  const values = new Float64Array(LUT);
  for (let code = 0; code < LUT; code++) values[code] = kind === 'ratio' ? low * Math.exp(step * (code - 2)) : low + step * (code - 2);
  values[0] = NaN;
  if (kind === 'ratio') values[1] = 0;
  return values;
}

/** Classes of differences: two below zero, one about it, two above; ends at shares of the sizes there are. */
export function differenceClasses(values) {
  const stride = Math.max(1, Math.floor(values.length / 50000)), sizes = [];
  for (let k = 0; k < values.length; k += stride) if (values[k]) sizes.push(Math.abs(values[k]));
  sizes.sort((a, b) => a - b);
  const at = share => sizes[Math.min(sizes.length - 1, Math.floor(share * sizes.length))] || 0;
  const ends = [at(.8), at(.97)], made = new Uint8Array(values.length);
  for (let k = 0; k < made.length; k++) {
    const v = values[k];
    made[k] = Number.isNaN(v) ? 0 : v <= -ends[1] && v ? 1 : v <= -ends[0] && v ? 2 : v < ends[0] || !v ? 3 : v < ends[1] ? 4 : 5;
  }
  return {ends, made};
}

const VERTEX = `#version 300 es
in vec4 a; uniform mat4 m; out vec2 at;
void main() { at = a.zw; gl_Position = m * vec4(a.xy, 0.0, 1.0); }`;
const FRAGMENT = `#version 300 es
precision highp float; precision highp usampler2D;
in vec2 at; uniform usampler2D cells; uniform vec4 colours[16]; out vec4 colour;
void main() { colour = colours[min(texture(cells, at).r, 15u)]; }`;

/** A layer of MapLibre that draws a class per cell: one texture of bytes on the net, whatever its projection. */
export class CellLayer {
  constructor(id) { Object.assign(this, {id, type: 'custom', renderingMode: '2d', colours: new Float32Array(64)}); }

  onAdd(map, gl) {
    this.map = map;
    const program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.bindAttribLocation(program, 0, 'a');
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error('no program');
    Object.assign(this, {gl, program, buffer: gl.createBuffer(), texture: gl.createTexture()});
    this.where = ['m', 'cells', 'colours'].map(name => gl.getUniformLocation(program, name));
  }

  /** The grid, once for each. */
  setGround(ground) {
    const {gl} = this, {mesh, points, rows, cols} = ground, wide = mesh.cols.length, made = [];
    const corner = (i, j) => made.push(
      points[j * wide + i][0] - ground.origin[0], points[j * wide + i][1] - ground.origin[1], mesh.cols[i] / cols, mesh.rows[j] / rows);
    for (let j = 0; j < mesh.rows.length - 1; j++) for (let i = 0; i < wide - 1; i++)
      for (const [u, v] of [[0, 0], [1, 0], [0, 1], [1, 0], [1, 1], [0, 1]]) corner(i + u, j + v);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(made), gl.STATIC_DRAW);
    Object.assign(this, {ground, vertices: made.length / 4});
  }

  /** A class per cell, and each class's colour as "#rrggbb" ("" for see-through) with one opacity. */
  set(classes, colours, opacity) {
    const {gl, ground} = this;
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.bindBuffer(gl.PIXEL_UNPACK_BUFFER, null);
    for (const [name, value] of [[gl.UNPACK_ALIGNMENT, 1], [gl.UNPACK_FLIP_Y_WEBGL, false], [gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false]]) gl.pixelStorei(name, value);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8UI, ground.cols, ground.rows, 0, gl.RED_INTEGER, gl.UNSIGNED_BYTE, classes);
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
    for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
    this.colours.fill(0);
    colours.forEach((colour, k) => {
      if (!colour) return;
      const parts = [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16) / 255 * opacity);
      this.colours.set([...parts, opacity], 4 * (k + 1));
    });
    this.map.triggerRepaint();
  }

  render(gl, {defaultProjectionData: {mainMatrix}}) {
    if (!this.ground) return;
    const m = Float64Array.from(mainMatrix), [x, y] = this.ground.origin;  // moved in doubles: no cell trembles
    for (let k = 0; k < 4; k++) m[12 + k] += m[k] * x + m[4 + k] * y;
    gl.useProgram(this.program);
    gl.bindVertexArray(null);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 4, gl.FLOAT, false, 0, 0);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.uniformMatrix4fv(this.where[0], false, Float32Array.from(m));
    gl.uniform1i(this.where[1], 0);
    gl.uniform4fv(this.where[2], this.colours);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.drawArrays(gl.TRIANGLES, 0, this.vertices);
  }
}
