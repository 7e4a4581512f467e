// Cells of a map: where they lie, what each holds, and how they are drawn. Nothing here touches the page.

const NUMBERS = 65536, EARTH = 360;

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
  middle(cell) { return degrees(...this.at(cell % this.cols + .5, Math.floor(cell / this.cols) + .5)); }

  /** First and last column, first and last row of the rectangle between two cells. */
  between(cell, other) {
    const ends = pick => [pick(cell), pick(other)].sort((a, b) => a - b);
    return [...ends(one => one % this.cols), ...ends(one => Math.floor(one / this.cols))];
  }

  /** The outline of a cell, or of the rectangle between two, as a polygon of degrees. */
  outline(cell, other = cell) {
    const [west, east, top, low] = this.between(cell, other);
    const ring = [[west, top], [west, low + 1], [east + 1, low + 1], [east + 1, top], [west, top]].map(corner => degrees(...this.at(...corner)));
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

  same(other) { return ['rows', 'cols', 'north', 'west', 'metres'].every(name => this[name] === other[name]); }
}

/** The layers of a map by their names, a value per cell (NaN for none), and the number of each cell's area. Each is read when it is first asked for. */
export class Planes {
  constructor(told, buffer) {
    const size = told.grid.rows * told.grid.cols, bytes = new Uint8Array(buffer);
    if (bytes.length !== 2 * size * (told.layers.length + 1)) throw new Error('planes of another size');
    const plane = n => [bytes.subarray(2 * n * size, (2 * n + 1) * size), bytes.subarray((2 * n + 1) * size, (2 * n + 2) * size)];
    Object.assign(this, {size, areas: plane(told.layers.length), read: new Map()});
    this.layers = new Map(told.layers.map(({id, part_of: whole, scale}, n) => [id, {codes: plane(n), scale, whole}]));
  }

  /** The values of a layer; undefined of none of this name. O(cells), once. */
  of(id) {
    const layer = this.layers.get(id);
    if (layer && !this.read.has(id)) {
      const [low, high] = layer.codes, means = meanings(layer.scale), whole = this.of(layer.whole), values = new Float32Array(this.size);
      for (let k = 0; k < values.length; k++) values[k] = means[low[k] | high[k] << 8];
      if (whole) for (let k = 0; k < values.length; k++) values[k] *= whole[k];
      this.read.set(id, values);
    }
    return this.read.get(id);
  }

  value(id, cell) { return this.of(id)?.[cell] ?? NaN; }

  /** The number of a cell's area. */
  area(cell) { const [low, high] = this.areas; return low[cell] | high[cell] << 8; }

  /** Sum of a layer over the rectangle between two cells, and how many of its cells have a value. */
  sum(id, ground, cell, other) {
    const values = this.of(id), [west, east, top, low] = ground.between(cell, other);
    let sum = 0, n = 0;
    for (let row = top; row <= low; row++) for (let col = west; col <= east; col++) {
      const value = values[row * ground.cols + col];
      if (value === value) { sum += value; n++; }
    }
    return [sum, n];
  }

  has(cell) { return [...this.layers.values()].some(({codes: [low, high]}) => low[cell] || high[cell]); }

  /** Place of a cell in the order of a layer's values, highest first, and of how many. */
  rank(id, cell) {
    const values = this.of(id), own = values[cell];
    let above = 0, all = 0;
    for (const value of values) { above += value > own; all += value === value; }
    return [Number.isNaN(own) ? NaN : above + 1, all];
  }

  /** One layer less another, of this map or another one of the same grid. */
  difference(id, other, otherId) {
    const [a, b] = [this.of(id), other.of(otherId)];
    return a.map((value, k) => value - b[k]);
  }
}

/** What each number of a plane means. */
function meanings([kind, low, step]) {
  const values = new Float64Array(NUMBERS);
  for (let code = 0; code < NUMBERS; code++) values[code] = kind === 'ratio' ? low * Math.exp(step * (code - 2)) : low + step * (code - 2);
  values[0] = NaN;
  if (kind === 'ratio') values[1] = 0;
  return values;
}

/** Class of every cell (1 for the lowest, 0 for none), by classes' lower ends. */
export function classesOf(values, lows) {
  const made = new Uint8Array(values.length), ends = lows.slice(1).map(low => low * (1 - 1e-3));
  for (let k = 0; k < made.length; k++) {
    const value = values[k];
    if (value !== value) continue;
    let of = 1;
    while (of <= ends.length && value >= ends[of - 1]) of++;
    made[k] = of;
  }
  return made;
}

/** Sizes of values that are not zero, rising, of some 20,000 cells: enough to know their quantiles. */
function sizesOf(values) {
  const stride = Math.max(1, Math.floor(values.length / 20000));
  return values.filter((value, k) => k % stride === 0 && value).map(Math.abs).sort();
}

/** Classes of differences: two below zero, one about it, two above; ends at shares of the sizes there are. */
export function differenceClasses(values) {
  const sizes = sizesOf(values);
  const at = share => sizes[Math.min(sizes.length - 1, Math.floor(share * sizes.length))] || Number.MIN_VALUE;
  const near = at(.8), far = at(.97), made = new Uint8Array(values.length);
  for (let k = 0; k < made.length; k++) {
    const v = values[k];
    if (v === v) made[k] = v <= -far ? 1 : v <= -near ? 2 : v < near ? 3 : v < far ? 4 : 5;
  }
  return {ends: [near, far], made};
}

export const BINS = 40;

/** How many cells have which value, in steps that widen away from zero, as few values are large; null of one value alone.

 `ends` are one more than `counts`. O(cells).
 */
export function histogram(values) {
  let low = Infinity, high = -Infinity;
  for (const value of values) { if (value < low) low = value; if (value > high) high = value; }
  if (!(low < high)) return null;
  const sizes = sizesOf(values), unit = sizes[sizes.length >> 1] || high - low;
  const [first, last] = [low, high].map(value => Math.asinh(value / unit)), step = (last - first) / BINS, counts = new Uint32Array(BINS);
  for (const value of values) if (value === value) counts[Math.min(BINS - 1, Math.floor((Math.asinh(value / unit) - first) / step))]++;
  const ends = Array.from({length: BINS + 1}, (_, k) => k === 0 ? low : k === BINS ? high : unit * Math.sinh(first + k * step));
  return {counts, ends};
}

/** Classes, moved up by `by` where the value is not from `low` to under `high`; how many cells are, of how many, and their share of the weights' sum. One pass. */
export function between(classes, values, [low, high], by, weights) {
  const made = classes.slice();
  let n = 0, all = 0, sum = 0, total = 0;
  for (let k = 0; k < made.length; k++) {
    const value = values[k];
    if (value !== value) continue;
    const weight = weights[k] || 0;
    all++;
    total += weight;
    if (value >= low && value < high) { n++; sum += weight; } else made[k] += by;
  }
  return {made, n, all, share: sum / total};
}

/** How many areas have a value from `low` to under `high`, of how many with a value, where an area's cells share its value. O(cells). */
export function areasOf(planes, values, [low, high]) {
  const of = new Map();
  values.forEach((value, cell) => { if (value === value && planes.area(cell)) of.set(planes.area(cell), value); });
  return {all: of.size, n: [...of.values()].filter(value => value >= low && value < high).length};
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

  /** A class per cell, and each class's colour as "#rrggbb" ("" for see-through) with its opacity. */
  set(classes, colours, opacities) {
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
      const opacity = opacities[k], parts = [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16) / 255 * opacity);
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
    const [matrix, texture, colours] = this.where;
    gl.uniformMatrix4fv(matrix, false, Float32Array.from(m));
    gl.uniform1i(texture, 0);
    gl.uniform4fv(colours, this.colours);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.drawArrays(gl.TRIANGLES, 0, this.vertices);
  }
}
