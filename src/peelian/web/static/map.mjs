// The map page: draws a case's cells over the town's ground, and says what is known of each. Names go in as text only.

const app = document.getElementById('map-app');
const part = name => app.querySelector(`[data-part="${name}"]`);
const MARKED = '#b84a00', OPACITY = .78, DIFFERENCES = ['#7b3294', '#c2a5cf', '#f1efe9', '#a6dba0', '#008837'];
const COLOURS = {land: '#eef0ec', water: '#bcd5e6', park: '#d3e5c8', street: '#ffffff', edge: '#c9c6bd', name: '#3c3c44', halo: '#ffffff'};
const language = document.documentElement.lang;
const state = {cases: new Map(), layer: '', shift: '', option: 0, cell: -1, hidden: new Set(), against: null};
const words = JSON.parse(app.dataset.words);
let map, cells, kit, current;

const filled = (text, ...values) => values.reduce((made, value) => made.replace('{}', value), text);
const whole = new Intl.NumberFormat(language), three = new Intl.NumberFormat(language, {minimumSignificantDigits: 3, maximumSignificantDigits: 3});
const figure = value => Number.isNaN(value) ? words.no_value : Number.isInteger(value) ? whole.format(value)
  : Math.abs(value) < 1e-6 ? filled(words.under, '0.000001') : three.format(value);
const lines = (name, features) => map.getSource(name).setData({type: 'FeatureCollection', features});

function made(tag, values = {}, ...inside) {
  const element = Object.assign(document.createElement(tag), values);
  element.append(...inside);
  return element;
}

function fail(text) {
  const note = part('problem');
  note.textContent = text;
  note.hidden = false;
  app.dataset.failed = text;
}

async function fetched(address) {
  const answer = await fetch(address, {credentials: 'same-origin'});
  if (!answer.ok) throw Object.assign(new Error(address), {status: answer.status});
  return answer;
}

/** A case's words, ground and planes, fetched once. */
async function caseOf(option) {
  const key = option.told;
  if (!state.cases.has(key)) {
    const [told, buffer] = await Promise.all([
      fetched(option.told).then(answer => answer.json()), fetched(option.planes).then(answer => answer.arrayBuffer())]);
    state.cases.set(key, {told, ground: new kit.Ground(told.grid), planes: new kit.Planes(told, buffer)});
  }
  return state.cases.get(key);
}

/** Notes on the page how long something took until it was on the screen. */
function mark(name, begun) {
  map.once('render', () => requestAnimationFrame(() => requestAnimationFrame(() => { app.dataset[name] = Math.round(performance.now() - begun); })));
}

// What is drawn

function drawnLayer() {
  return state.shift && state.layer === current.told.layers[0].id ? state.shift : state.layer;
}

/** The classes that the map shows now: a class per cell, colours and names from the lowest. */
function shown() {
  const {told, planes} = current, other = state.against;
  if (other || state.layer === 'difference') {
    const [a, b] = told.compared, first = told.layers[0].id;
    const values = other ? planes.difference(first, other.planes, other.told.layers[0].id) : planes.difference(a, planes, b);
    const {ends: [near, far], made: classes} = kit.differenceClasses(values);
    const names = [filled(words.under, figure(-far)), filled(words.from, figure(-far), figure(-near)), filled(words.from, figure(-near), figure(near)),
      filled(words.from, figure(near), figure(far)), filled(words.above, figure(far))];
    const title = other ? filled(words.difference_of, told.heading, other.told.heading)
      : filled(words.difference_of, ...told.compared.map(id => told.layers.find(layer => layer.id === id).title));
    return {classes, colours: DIFFERENCES, names, title};
  }
  const {lows, colours, names, title} = told.classes;
  return {classes: planes.classes(drawnLayer(), lows), colours, names, title};
}

function draw() {
  const begun = performance.now(), {classes, colours, names, title} = shown();
  cells.set(classes, colours.map((colour, k) => state.hidden.has(k) ? '' : colour), OPACITY);
  part('legend-title').textContent = title;
  part('legend-title').hidden = false;
  part('legend').replaceChildren(...names.map((name, k) => legendLine(name, colours[k], k)).reverse());
  mark('switched', begun);
  keep();
}

function legendLine(name, colour, k) {
  const swatch = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [key, value] of [['width', 26], ['height', 15], ['aria-hidden', 'true']]) swatch.setAttribute(key, value);
  const box = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [key, value] of [['width', 26], ['height', 15], ['fill', colour], ['stroke', '#77777f']]) box.setAttribute(key, value);
  swatch.append(box);
  const button = made('button', {type: 'button', title: words.filter}, swatch, name);
  button.setAttribute('aria-pressed', String(!state.hidden.has(k)));
  button.addEventListener('click', () => {
    state.hidden.has(k) ? state.hidden.delete(k) : state.hidden.add(k);
    draw();
    part('legend').querySelectorAll('button')[part('legend').children.length - 1 - k].focus();
  });
  return made('li', {}, button);
}

// What is known of a cell

function factsOf(cell) {
  const {told, planes} = current, at = chosenCells().indexOf(cell), first = told.layers[0], listed = rowsNow()[at];
  const facts = [];
  if (listed) {
    facts.push(...told.selected.titles.map((title, k) => [title, listed[k]]));
  } else {
    if (told.areas[planes.areas[cell]]) facts.push([words.area, told.areas[planes.areas[cell]]]);
    for (const layer of told.layers.filter(one => one.drawn)) {
      facts.push([layer === first ? told.classes.title : layer.title, figure(planes.value(layer.id, cell))]);
      if (layer === first && planes.layers.has('low'))
        facts.push([words.interval, filled(words.interval_of, figure(planes.value('low', cell)), figure(planes.value('high', cell)))]);
    }
    facts.push([words.rank, filled(words.rank_of, ...planes.rank(first.id, cell).map(n => figure(n)))]);
  }
  const [a, b] = told.compared;
  if (a) facts.push([words.difference, figure(planes.value(a, cell) - planes.value(b, cell))]);
  return facts;
}

function tell(cell, spoken) {
  const known = cell >= 0 && current.planes.has(cell), name = known ? filled(words.cell, current.ground.name(cell)) : words.outside;
  const facts = known ? factsOf(cell) : [];
  part('cell').replaceChildren(made('p', {className: 'place', textContent: name}),
    ...(known && chosenCells().includes(cell) ? [made('p', {className: 'soft', textContent: words.selected})] : []));
  part('facts').replaceChildren(...facts.flatMap(([title, value]) => [made('dt', {textContent: title}), made('dd', {textContent: value})]));
  if (spoken) part('live').textContent = [name, ...facts.slice(0, 4).map(fact => fact.join(': '))].join('. ');
}

function choose(cell, {move = false} = {}) {
  state.cell = cell;
  lines('cursor', cell >= 0 ? [current.ground.outline(cell)] : []);
  tell(cell, true);
  tableRows().forEach((row, k) => row.classList.toggle('chosen', chosenCells()[k] === cell));
  const middle = cell >= 0 && current.ground.middle(cell);
  if (move && middle && !map.getBounds().contains(middle)) map.panTo(middle, {animate: false});
  keep();
}

// Selected cells, and the limits that select them

const chosenCells = () => (current.told.options[state.option] ?? current.told.selected).cells;
const rowsNow = () => (current.told.options[state.option] ?? current.told.selected).rows;
const tableRows = () => [...document.querySelectorAll('#cells tbody tr')];

function selectCells() {
  lines('selected', chosenCells().map(cell => current.ground.outline(cell)));
  const body = document.querySelector('#cells tbody'), pattern = body?.rows[0];
  if (!body || !pattern) return;
  body.replaceChildren(...chosenCells().map((cell, k) => {
    const row = pattern.cloneNode(true), name = current.ground.name(cell);
    [...row.cells].forEach((slot, i) => { slot.textContent = rowsNow()[k][i]; });
    const button = made('button', {type: 'button', textContent: rowsNow()[k][0]});
    button.setAttribute('aria-label', `${rowsNow()[k][0]} – ${filled(words.show, name)}`);
    button.addEventListener('click', () => choose(cell, {move: true}));
    row.cells[0].replaceChildren(button);
    return row;
  }));
}

function setOption(k) {
  const option = current.told.options[k];
  state.option = k;
  selectCells();
  part('limit').textContent = option.title;
  document.getElementById('limit').setAttribute('aria-valuetext', option.title);
  part('price').replaceChildren(...option.facts.map(([title, value]) => made('div', {}, made('dt', {textContent: title}), made('dd', {textContent: value}))));
  if (state.cell >= 0) choose(state.cell);
  keep();
}

// Another case in place of this one

async function openCase(option) {
  const begun = performance.now(), next = await caseOf(option);
  if (current && !next.ground.same(current.ground)) { state.cell = -1; state.against = null; }
  current = next;
  state.hidden.clear();
  const {told, ground} = current, shifts = told.layers.filter(layer => layer.id.startsWith('shift_'));
  const drawable = told.layers.filter(layer => layer.drawn && !shifts.includes(layer)).map(layer => [layer.id, layer.title]);
  if (told.compared.length) drawable.push(['difference', words.difference]);
  if (!drawable.some(([id]) => id === state.layer)) state.layer = drawable[0][0];
  const legend = part('layers').querySelector('legend');
  part('layers').replaceChildren(legend, ...drawable.map(([id, title]) => {
    const input = made('input', {type: 'radio', name: 'layer', value: id, checked: id === state.layer});
    return made('label', {}, input, made('span', {textContent: title}));
  }));
  part('layers').hidden = drawable.length < 2;
  const shift = document.getElementById('shift');
  shift.replaceChildren(shift.options[0], ...shifts.map(layer => made('option', {value: layer.id, textContent: layer.title})));
  part('shift').hidden = !shifts.length;
  if (!shifts.some(layer => layer.id === state.shift)) state.shift = '';
  shift.value = state.shift;
  const heading = document.querySelector('[data-part="heading"]');
  if (heading) heading.textContent = told.heading;
  cells.setGround(ground);
  lines('borders', [{type: 'Feature', properties: {}, geometry: {type: 'MultiLineString', coordinates: told.borders.map(([a, b, c, d]) => [[a, b], [c, d]])}}]);
  part('equity').hidden = !told.options.length;
  document.getElementById('limit').max = Math.max(0, told.options.length - 1);
  state.option = Math.min(state.option, Math.max(0, told.options.length - 1));
  document.getElementById('limit').value = state.option;
  told.options.length ? setOption(state.option) : selectCells();
  draw();
  if (state.cell >= 0) choose(state.cell);
  mark('opened', begun);
}

async function compareWith(option) {
  const other = option.value ? await caseOf(option.dataset) : null, fits = !other || other.ground.same(current.ground);
  part('problem').hidden = fits;
  if (!fits) part('problem').textContent = words.other_grid;
  state.against = fits ? other : null;
  draw();
}

// The address keeps the view

function keep() {
  const {lng, lat} = map.getCenter(), parts = {v: [map.getZoom().toFixed(2), lat.toFixed(5), lng.toFixed(5)].join('/')};
  if (current) {
    if (state.layer !== current.told.layers[0].id) parts.layer = state.layer;
    if (state.shift) parts.shift = state.shift;
    if (state.option) parts.option = state.option;
    if (state.cell >= 0) parts.cell = current.ground.name(state.cell);
  }
  history.replaceState(null, '', `#${new URLSearchParams(parts)}`);
}

function kept() {
  const parts = new URLSearchParams(location.hash.slice(1)), [zoom, lat, lng] = (parts.get('v') ?? '').split('/').map(Number);
  const view = Number.isFinite(lng) && Math.abs(lat) <= 85 && Math.abs(lng) <= 180 && zoom >= 0 && zoom <= 22 ? {zoom, center: [lng, lat]} : null;
  return {view, layer: parts.get('layer') ?? '', shift: parts.get('shift') ?? '', cell: parts.get('cell') ?? '', option: Number(parts.get('option')) || 0};
}

// The map

const ends = {type: 'FeatureCollection', features: []};
const width = (...stops) => ['interpolate', ['exponential', 1.6], ['zoom'], ...stops];

function style(ground) {
  const empty = name => [name, {type: 'geojson', data: ends}], hasGround = Boolean(ground);
  const named = (id, from, size, colour, more = {}, minzoom = 0) => ({id, type: 'symbol', source: 'ground', 'source-layer': from, minzoom,
    layout: {'text-field': ['get', 'name'], 'text-font': ['sans-serif'], 'text-size': size, ...more},
    paint: {'text-color': colour, 'text-halo-color': COLOURS.halo, 'text-halo-width': 1.6}});
  const of = (id, type, from, paint, more = {}) => ({id, type, source: 'ground', 'source-layer': from, paint, ...more});
  return {
    version: 8,
    sources: {...Object.fromEntries(['borders', 'selected', 'cursor', 'points'].map(empty)), ...(hasGround && {ground: {type: 'vector', url: `pmtiles://${ground}`}})},
    layers: [
      {id: 'land', type: 'background', paint: {'background-color': COLOURS.land}},
      ...hasGround ? [of('parks', 'fill', 'parks', {'fill-color': COLOURS.park}), of('water', 'fill', 'water', {'fill-color': COLOURS.water})] : [],
      ...hasGround ? [
        of('street-edges', 'line', 'streets', {'line-color': COLOURS.edge, 'line-width': width(11, .8, 16, 9)}),
        of('streets', 'line', 'streets', {'line-color': COLOURS.street, 'line-width': width(11, .4, 16, 7)}),
      ] : [],
      {id: 'borders', type: 'line', source: 'borders', paint: {'line-color': '#3c3c44', 'line-width': 1, 'line-dasharray': [3, 2]}},
      {id: 'selected-edge', type: 'line', source: 'selected', paint: {'line-color': '#ffffff', 'line-width': width(10, 2.5, 15, 6)}},
      {id: 'selected', type: 'line', source: 'selected', paint: {'line-color': MARKED, 'line-width': width(10, 1.4, 15, 3.2)}},
      {id: 'cursor-edge', type: 'line', source: 'cursor', paint: {'line-color': '#ffffff', 'line-width': 7}},
      {id: 'cursor', type: 'line', source: 'cursor', paint: {'line-color': '#111111', 'line-width': 3.5}},
      {id: 'points', type: 'circle', source: 'points', paint: {'circle-radius': 8, 'circle-color': MARKED, 'circle-stroke-color': '#ffffff', 'circle-stroke-width': 2.5}},
      ...hasGround ? [named('street-names', 'streets', 12, COLOURS.name, {'symbol-placement': 'line'}, 13),
        named('park-names', 'parks', 12, '#2f5d33', {}, 12), named('water-names', 'water', 12, '#27587a', {}, 11), named('area-names', 'areas', 13, COLOURS.name)] : [],
    ],
  };
}

async function groundOf(maplibre) {
  const address = document.querySelector('meta[name="ground"]')?.content;
  if (!address || new URL(address, location.href).origin !== location.origin) return '';
  await new Promise((done, failed) => document.head.append(made('script', {src: app.dataset.pmtiles, onload: done, onerror: failed})));
  maplibre.addProtocol('pmtiles', new globalThis.pmtiles.Protocol().tile);
  return new URL(address, location.href).href;
}

async function makeMap(view, bounds) {
  const maplibre = await import(app.dataset.maplibre);
  maplibre.setWorkerUrl(new URL(app.dataset.worker, location.href).href);
  const ground = await groundOf(maplibre);
  app.hidden = false;
  const made = new maplibre.Map({
    container: part('map'), style: style(ground), attributionControl: false, keyboard: false, dragRotate: false, pitchWithRotate: false,
    touchPitch: false, fadeDuration: 0, renderWorldCopies: false, ...(view ?? {bounds, fitBoundsOptions: {padding: 20, animate: false}}),
    locale: {'Map.Title': words.map, 'NavigationControl.ZoomIn': words.zoom_in, 'NavigationControl.ZoomOut': words.zoom_out,
      'FullscreenControl.Enter': words.full, 'FullscreenControl.Exit': words.exit, 'ScaleControl.Meters': words.metre, 'ScaleControl.Kilometers': words.kilometre},
  });
  made.touchZoomRotate.disableRotation();
  made.addControl(new maplibre.NavigationControl({showCompass: false}));
  made.addControl(new maplibre.FullscreenControl({container: app}));
  made.addControl(new maplibre.ScaleControl({maxWidth: 140}));
  made.getCanvas().setAttribute('role', 'application');
  await new Promise(done => made.once('style.load', done));
  return made;
}

const ARROWS = {ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0]};

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === '+' || event.key === '=') map.zoomIn({animate: false});
  else if (event.key === '-') map.zoomOut({animate: false});
  else if (event.key in ARROWS && current) {
    const {ground} = current, [across, down] = ARROWS[event.key];
    if (state.cell < 0) choose(chosenCells()[0] ?? Math.floor(ground.rows / 2) * ground.cols + Math.floor(ground.cols / 2), {move: true});
    else {
      const col = state.cell % ground.cols + across, row = Math.floor(state.cell / ground.cols) + down;
      if (col >= 0 && row >= 0 && col < ground.cols && row < ground.rows) choose(row * ground.cols + col, {move: true});
    }
  } else return;
  event.preventDefault();
}

function listen() {
  const chosen = select => select.selectedOptions[0];
  const guarded = act => event => Promise.resolve(act(event)).catch(explain);
  map.getCanvas().addEventListener('keydown', onKey);
  map.on('moveend', keep);
  if (!current) return;
  const cellAt = ({lngLat}) => current.ground.cellAt(lngLat.lng, lngLat.lat);
  let hovered = -1;
  map.on('mousemove', event => { const cell = cellAt(event); if (cell !== hovered) tell(hovered = cell, false); });
  map.getCanvas().addEventListener('mouseleave', () => { hovered = -1; if (state.cell >= 0) tell(state.cell, false); });
  map.on('click', event => choose(cellAt(event)));
  part('tools').addEventListener('submit', event => event.preventDefault());
  part('layers').addEventListener('change', event => { state.layer = event.target.value; state.hidden.clear(); draw(); });
  document.getElementById('shift').addEventListener('change', event => {
    state.shift = event.target.value;
    state.layer = current.told.layers[0].id;
    part('layers').querySelector('input').checked = true;
    draw();
  });
  document.getElementById('limit').addEventListener('input', event => setOption(Number(event.target.value)));
  document.getElementById('week')?.addEventListener('change', guarded(event => openCase(chosen(event.target).dataset)));
  document.getElementById('against')?.addEventListener('change', guarded(event => compareWith(chosen(event.target))));
}

// Points: the registered sensors at their public places

async function showPoints(address) {
  const found = await (await fetched(address)).json(), placed = found.features.filter(one => one.geometry);
  const at = placed.map(one => one.geometry.coordinates), ends = pick => [0, 1].map(k => pick(...at.map(point => point[k])));
  map = await makeMap(kept().view, at.length ? [ends(Math.min), ends(Math.max)] : [[-180, -60], [180, 70]]);
  if (at.length === 1) map.jumpTo({center: at[0], zoom: 13});
  lines('points', placed.map(({id, geometry, properties}) => ({type: 'Feature', geometry, properties: {id, title: properties.title, why: properties.why, owner: properties.owner}})));
  map.on('click', 'points', ({features: [{properties}]}) => {
    part('cell').replaceChildren(made('p', {className: 'place'}, made('a', {href: app.dataset.sensor + encodeURIComponent(properties.id), textContent: properties.title})),
      ...[properties.why, properties.owner].map(text => made('p', {textContent: text})));
  });
}

function explain(error) {
  app.hidden = false;
  fail([401, 403, 404].includes(error.status) ? words.gone : /webgl/i.test(error.message) ? words.no_webgl : words.failed);
}

async function begin() {
  document.querySelector('[data-no-script]')?.remove();
  kit = await import(app.dataset.cells);
  const want = kept();
  if (app.dataset.points) {
    await showPoints(app.dataset.points);
  } else {
    const first = await caseOf(app.dataset);
    if (first.told.digest !== app.dataset.digest) { app.hidden = false; fail(words.stale); return; }
    Object.assign(state, {layer: want.layer, shift: want.shift, option: want.option});
    map = await makeMap(want.view, first.ground.bounds());
    cells = new kit.CellLayer('cells');
    map.addLayer(cells, map.getLayer('street-edges') ? 'street-edges' : 'borders');
    await openCase(app.dataset);
    document.getElementById('map-still').hidden = true;
    document.getElementById('map-options').hidden = true;
    if (want.cell) { const cell = current.ground.number(want.cell); if (cell >= 0) choose(cell, {move: true}); }
  }
  listen();
  const ready = () => { app.dataset.ready = Math.round(performance.now()); };
  map.loaded() ? ready() : map.once('idle', ready);
}

begin().catch(error => { part('map').parentElement.hidden = true; part('tools').hidden = true; explain(error); });
