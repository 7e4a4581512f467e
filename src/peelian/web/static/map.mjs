// The map page: draws a case's cells over the town's ground, and says what is known of each. Names go in as text only.

const app = document.getElementById('map-app');
const part = name => app.querySelector(`[data-part="${name}"]`);
const MARKED = '#b84a00', OPACITY = .78, FADED = .12, OPEN = [-Infinity, Infinity], DIFFERENCES = ['#7b3294', '#c2a5cf', '#f1efe9', '#a6dba0', '#008837'];
const COLOURS = {land: '#eef0ec', water: '#bcd5e6', park: '#d3e5c8', street: '#ffffff', edge: '#c9c6bd', name: '#3c3c44', halo: '#ffffff'};
const language = document.documentElement.lang;
const state = {cases: new Map(), layer: '', shift: '', option: 0, cell: -1, corner: -1, past: -1, kind: '', hidden: new Set(), against: null};
const words = JSON.parse(app.dataset.words);
const library = import(app.dataset.maplibre);  // loads while the data do
let map, cells, kit, current, view, brush, player;

const filled = (text, ...values) => values.reduce((made, value) => made.replace('{}', value), text);
const whole = new Intl.NumberFormat(language), percent = new Intl.NumberFormat(language, {style: 'percent', maximumFractionDigits: 1}), three = new Intl.NumberFormat(language, {minimumSignificantDigits: 3, maximumSignificantDigits: 3});
const few = new Intl.NumberFormat(language, {maximumSignificantDigits: 2}), least = new Intl.NumberFormat(language, {minimumFractionDigits: 6});
const dated = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {dateStyle: 'long', timeZone: 'UTC'});
const figure = value => Number.isNaN(value) ? words.no_value : Number.isInteger(value) ? whole.format(value)
  : Math.abs(value) < 1e-6 ? filled(words.under, least.format(1e-6)) : (current?.told.digits === 1 ? few : three).format(value);  // no digit that the figures do not have
const fact = ([title, value]) => filled(words.fact, title, value);
const lines = (name, features) => map.getSource(name).setData({type: 'FeatureCollection', features});

function made(tag, values = {}, ...inside) {
  const element = Object.assign(document.createElement(tag), values);
  element.append(...inside);
  return element;
}

function fail(text) {
  Object.assign(part('problem'), {textContent: text, hidden: false});
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
    const parts = [import(app.dataset.cells), fetched(key).then(answer => answer.json()), fetched(option.planes).then(answer => answer.arrayBuffer())];
    const [{Ground, Planes}, told, buffer] = await Promise.all(parts);
    state.cases.set(key, {told, ground: new Ground(told.grid), planes: new Planes(told, buffer)});
  }
  return state.cases.get(key);
}

/** Notes on the page how long something took until it was on the screen. */
function mark(name, begun) {
  map.once('render', () => requestAnimationFrame(() => requestAnimationFrame(() => { app.dataset[name] = Math.round(performance.now() - begun); })));
}

// What is drawn

const drawnLayer = () => state.shift && state.layer === current.told.layers[0].id ? state.shift : state.layer;

/** The classes that the map shows now: a value and a class per cell, colours and names from the lowest; what adds up. */
function shown() {
  const {told, planes} = current, other = state.against, weights = planes.of(told.layers[0].id);
  if (state.past >= 0) return recorded(current, state.past);
  if (other || state.layer === 'difference') {
    const [a, b] = told.compared, first = told.layers[0].id;
    const values = other ? planes.difference(first, other.planes, other.told.layers[0].id) : planes.difference(a, planes, b);
    const {ends: [near, far], made: classes} = kit.differenceClasses(values);
    const names = [filled(words.under, figure(-far)), filled(words.from, figure(-far), figure(-near)), filled(words.from, figure(-near), figure(near)),
      filled(words.from, figure(near), figure(far)), filled(words.above, figure(far))];
    const title = other ? filled(words.difference_of, told.heading, other.told.heading)
      : filled(words.difference_of, ...told.compared.map(id => told.layers.find(layer => layer.id === id).title));
    return {kind: 'difference', values, weights, sums: told.sums, classes, colours: DIFFERENCES, names, title};
  }
  const values = planes.of(drawnLayer());
  return {...told.classes, kind: 'value', values, weights: values, sums: told.sums, classes: kit.classesOf(values, told.classes.lows)};
}

/** What was recorded in the selected cells in one period of the past: whole numbers, zero apart, on the same colours. */
function recorded({told: {selected, classes: {colours: ramp}}, planes}, period) {
  const {counts, days} = selected.history, top = Math.max(...counts.map(row => Math.max(...row))), n = Math.min(ramp.length, top + 1);
  const values = new Float32Array(planes.size).fill(NaN), lows = Array.from({length: n}, (_, k) => k && 1 + Math.floor((k - 1) * top / (n - 1)));
  selected.cells.forEach((cell, k) => { values[cell] = counts[k][period]; });
  const name = (low, high) => low === high ? figure(low) : filled(words.interval_of, figure(low), figure(high));
  return {
    kind: 'past', values, weights: values, sums: words.recorded_sum, classes: kit.classesOf(values, lows), names: lows.map((low, k) => name(low, (lows[k + 1] ?? top + 1) - 1)),
    colours: lows.map((_, k) => ramp[Math.round(k * (ramp.length - 1) / Math.max(1, n - 1))]), title: filled(words.recorded, days[period]),
  };
}

function draw() {
  const begun = performance.now();
  view = shown();
  const {kind, values, colours, names, title} = view;
  if (state.kind && kind !== state.kind) { brush.set(OPEN); state.hidden.clear(); }  // other units
  state.kind = kind;
  brush.open(values, title);
  paint();
  part('layers').querySelectorAll('input').forEach(input => { input.checked = state.past < 0 && input.value === state.layer; });
  part('legend-title').textContent = title;
  part('legend').replaceChildren(...names.map((name, k) => legendLine(name, colours[k], k)).reverse());
  mark('switched', begun);
  keep();
}

/** The cells as the legend and the histogram leave them. */
function paint() {
  const {classes, colours, values, weights, sums} = view, n = colours.length, found = kit.between(classes, values, brush.ends, n, weights);
  cells.set(found.made, [...colours, ...colours].map((colour, k) => state.hidden.has(k % n) ? '' : colour), [...colours.map(() => OPACITY), ...colours.map(() => FADED)]);
  const {told: {by_area: byArea}, planes} = current, counted = byArea ? kit.areasOf(planes, values, brush.ends) : found;
  const [all, kept] = byArea ? [words.areas, words.kept_areas] : [words.cells, words.kept];
  const told = brush.everything ? [filled(all, whole.format(counted.all))] : [filled(kept, whole.format(counted.n), whole.format(counted.all), brush.range)];
  if (!brush.everything && sums && found.share === found.share) told.push(filled(words.share, sums, percent.format(found.share)));
  part('between').textContent = told.join('. ');
}

function brushed() {
  const begun = performance.now();
  paint();
  mark('brushed', begun);
}

function drawing(tag, values, ...inside) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  Object.entries(values).forEach(([key, value]) => element.setAttribute(key, value));
  element.append(...inside);
  return element;
}

function legendLine(name, colour, k) {
  const size = {width: 26, height: 15}, box = drawing('rect', {...size, fill: colour, stroke: '#77777f'});
  const swatch = drawing('svg', {...size, 'aria-hidden': 'true'}, box);
  const button = made('button', {type: 'button', title: words.filter}, swatch, name);
  button.setAttribute('aria-pressed', String(!state.hidden.has(k)));
  button.addEventListener('click', () => {
    state.hidden.has(k) ? state.hidden.delete(k) : state.hidden.add(k);
    draw();
    part('legend').querySelectorAll('button')[part('legend').children.length - 1 - k].focus();
  });
  return made('li', {}, button);
}

// What is known of a cell, or of the area whose figure it has

const areaOf = cell => current.told.areas[current.planes.area(cell)];

/** What a place is called: "" for none. Where the map is by area, its cells are not told apart, but for selected ones. */
function nameOf(cell) {
  if (cell < 0) return '';
  if (current.told.by_area && !chosenCells().includes(cell)) return areaOf(cell);
  return current.planes.has(cell) ? filled(words.cell, current.ground.name(cell)) : '';
}

function factsOf(cell) {
  const {told, planes} = current, at = chosenCells().indexOf(cell), first = told.layers[0], listed = rowsNow()[at];
  const facts = [];
  if (listed) facts.push(...told.selected.titles.map((title, k) => [title, listed[k]]));
  else {
    if (!told.by_area && areaOf(cell)) facts.push([words.area, areaOf(cell)]);
    for (const layer of told.layers.filter(one => one.drawn)) {
      facts.push([layer === first ? told.classes.title : layer.title, figure(planes.value(layer.id, cell))]);
      if (layer === first && planes.layers.has('low'))
        facts.push([words.interval, filled(words.interval_of, figure(planes.value('low', cell)), figure(planes.value('high', cell)))]);
    }
    if (!told.by_area) facts.push([words.rank, filled(words.rank_of, ...planes.rank(first.id, cell).map(n => figure(n)))]);
  }
  const [a, b] = told.compared;
  if (a) facts.push([words.difference, figure(planes.value(a, cell) - planes.value(b, cell))]);
  return facts;
}

/** Sums over the rectangle from the corner that was set to a cell: what adds up, and nothing else. */
function tellSum(cell) {
  const {told, planes, ground} = current, summed = told.layers.filter(layer => layer.drawn).map(layer => [layer.title, planes.sum(layer.id, ground, state.corner, cell)]);
  const name = filled(words.cells, whole.format(summed[0][1][1])), facts = summed.map(([title, [sum]]) => [title, figure(sum)]);
  part('cell').replaceChildren(made('p', {className: 'place', textContent: name}), made('p', {className: 'soft', textContent: told.sums}));
  show(facts);
  part('live').textContent = [name, ...facts.map(fact)].join('. ');
}

const show = facts => part('facts').replaceChildren(...facts.flatMap(([title, value]) => [made('dt', {textContent: title}), made('dd', {}, ...[value].flat())]));

function setCorner(cell) {
  state.corner = cell;
  part('sum').setAttribute('aria-pressed', String(cell >= 0));
  if (state.cell >= 0) choose(state.cell);
}

function tell(cell, spoken) {
  if (state.corner >= 0 && cell >= 0) return tellSum(cell);
  const known = nameOf(cell), name = known || (current.told.by_area ? words.no_area : words.outside);
  const facts = known ? factsOf(cell) : [];
  part('cell').replaceChildren(made('p', {className: 'place', textContent: name}),
    ...(known && chosenCells().includes(cell) ? [made('p', {className: 'soft', textContent: words.selected}), ...pastOf(cell)] : []));
  show(facts);
  if (spoken) part('live').textContent = [name, ...facts.slice(0, 4).map(fact)].join('. ');
}

/** Past counts of a selected cell as bars with their highest count: the numbers are in the table and in the label. */
function pastOf(cell) {
  const {title, counts} = current.told.selected.history, row = counts[current.told.selected.cells.indexOf(cell)];
  if (!row) return [];
  const top = Math.max(1, ...row), step = 200 / row.length, height = 34;
  const bars = row.map((n, k) => drawing('rect', {x: k * step, width: step - 2, y: height - n / top * height, height: Math.max(n / top * height, .8)}));
  const picture = drawing('svg', {viewBox: `0 0 200 ${height}`, class: 'spark', role: 'img', 'aria-label': `${title}: ${row.map(n => whole.format(n)).join(', ')}`}, ...bars);
  return [made('p', {className: 'soft', textContent: title}), made('p', {className: 'past'}, picture, filled(words.most, whole.format(Math.max(...row))))];
}

function choose(cell, {move = false} = {}) {
  state.cell = cell;
  lines('cursor', cell >= 0 ? [current.ground.outline(cell, state.corner >= 0 ? state.corner : cell)] : []);
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
  const ask = part('ask'), address = ask && new URL(ask.dataset.form, location.href);
  option.params.forEach(([name, value]) => address?.searchParams.set(`param.${name}`, value));
  if (ask) { ask.href = address; ask.parentElement.hidden = !option.params.length; }
  part('price').replaceChildren(...option.facts.map(([title, value]) => made('div', {}, made('dt', {textContent: title}), made('dd', {textContent: value}))));
  if (state.cell >= 0) choose(state.cell);
  keep();
}

// Another case in place of this one

async function openCase(option, past) {
  const begun = performance.now(), next = await caseOf(option);
  if (current && !next.ground.same(current.ground)) { state.cell = -1; state.against = null; }
  current = next;
  state.past = current.told.selected.history.days.indexOf(past);
  state.hidden.clear();
  const {told, ground} = current, shifts = told.layers.filter(layer => layer.id.startsWith('shift_'));
  const drawable = told.layers.filter(layer => layer.drawn && !shifts.includes(layer)).map(layer => [layer.id, layer.title]);
  if (told.compared.length) drawable.push(['difference', words.difference]);
  if (!drawable.some(([id]) => id === state.layer)) state.layer = drawable[0][0];
  part('layers').replaceChildren(part('layers').querySelector('legend'), ...drawable.map(([id, title]) => {
    const input = made('input', {type: 'radio', name: 'layer', value: id, checked: id === state.layer});
    return made('label', {}, input, made('span', {textContent: title}));
  }));
  part('layers').hidden = drawable.length < 2;
  const shift = document.getElementById('shift');
  shift.replaceChildren(shift.options[0], ...shifts.map(layer => made('option', {value: layer.id, textContent: layer.title})));
  part('shift').hidden = !shifts.length;
  if (!shifts.some(layer => layer.id === state.shift)) state.shift = '';
  shift.value = state.shift;
  document.querySelector('[data-part="heading"]').textContent = told.heading;
  cells.setGround(ground);
  lines('borders', [{type: 'Feature', properties: {}, geometry: {type: 'MultiLineString', coordinates: told.borders.map(([a, b, c, d]) => [[a, b], [c, d]])}}]);
  player.offer(ways());
  part('sum').parentElement.hidden = !told.sums;
  state.corner = -1;
  part('sum').setAttribute('aria-pressed', 'false');
  part('equity').hidden = !told.options.length;
  const last = Math.max(0, told.options.length - 1);
  state.option = Math.min(state.option, last);
  Object.assign(document.getElementById('limit'), {max: last, value: state.option});
  told.options.length ? setOption(state.option) : selectCells();
  draw();
  if (state.cell >= 0) choose(state.cell);
  mark('opened', begun);
}

/** What can be stepped through: the shifts of a day, the same request for other days, past counts of the selected cells. */
function ways() {
  const shift = document.getElementById('shift'), week = document.getElementById('week'), against = document.getElementById('against');
  const shifts = [...shift.options].slice(1), weeks = [...week?.options ?? []].filter(({dataset}) => dataset.day).sort((a, b) => a.dataset.day.localeCompare(b.dataset.day));
  const days = current.told.selected.history.days, from = day => filled(words.starting, dated.format(new Date(`${day}T00:00:00Z`)));
  const alone = what => {
    if (against) against.value = '';
    Object.assign(state, {against: null, past: -1}, what);
    draw();
  };
  return [
    {id: 'shift', title: words.shifts, names: shifts.map(one => one.textContent), at: () => state.past < 0 ? shift.selectedIndex - 1 : -1,
      show: k => { shift.selectedIndex = k + 1; alone({shift: shift.value, layer: current.told.layers[0].id}); }},
    {id: 'week', title: words.weeks, names: weeks.map(one => from(one.dataset.day)), at: () => weeks.indexOf(week.selectedOptions[0]),
      show: k => { weeks[k].selected = true; return openCase(weeks[k].dataset); }},
    {id: 'past', title: words.past, names: days.map(from), at: () => state.past, show: k => alone({past: k})},
  ];
}

async function setAgainst(option) {
  const other = option.value ? await caseOf(option.dataset) : null, fits = !other || other.ground.same(current.ground);
  Object.assign(part('problem'), {textContent: words.other_grid, hidden: fits});
  state.against = fits ? other : null;
}

// The address keeps the view

function keep() {
  const {lng, lat} = map.getCenter(), parts = {v: [map.getZoom().toFixed(2), lat.toFixed(5), lng.toFixed(5)].join('/')};
  if (current) {
    const week = document.getElementById('week')?.value;
    Object.assign(parts, state.layer !== current.told.layers[0].id && {layer: state.layer}, state.shift && {shift: state.shift}, week && {week},
      state.against && {against: document.getElementById('against').value}, state.past >= 0 && {past: current.told.selected.history.days[state.past]},
      state.option && {option: state.option}, state.cell >= 0 && {cell: current.ground.name(state.cell)});
    brush.asked.forEach((end, which) => { if (Number.isFinite(end)) parts[['from', 'under'][which]] = end; });
  }
  if (state.areaName?.()) parts.area = state.areaName();
  history.replaceState(null, '', `#${new URLSearchParams(parts)}`);
}

function kept() {
  const parts = new URLSearchParams(location.hash.slice(1)), [zoom, lat, lng] = (parts.get('v') ?? '').split('/').map(Number);
  const view = Number.isFinite(lng) && Math.abs(lat) <= 85 && Math.abs(lng) <= 180 && zoom >= 0 && zoom <= 22 ? {zoom, center: [lng, lat]} : null;
  const ends = ['from', 'under'].map((name, which) => { const end = parseFloat(parts.get(name)); return Number.isFinite(end) ? end : OPEN[which]; });
  const [layer, shift, cell, week, against, past] = ['layer', 'shift', 'cell', 'week', 'against', 'past'].map(name => parts.get(name) ?? '');
  return {view, ends: ends[0] < ends[1] ? ends : OPEN, layer, shift, cell, week, against, past, area: parts.get('area'), option: Number(parts.get('option')) || 0};
}

/** Chooses the case that the address names; where it is not in the list, the first, and says so. */
function listed(id, wanted) {
  const select = document.getElementById(id), found = [...select?.options ?? []].find(({value}) => value === wanted);
  if (!found) fail(words.unlisted);
  if (select) select.value = found ? wanted : '';
  return found;
}

// The map

const width = (...stops) => ['interpolate', ['exponential', 1.6], ['zoom'], ...stops];

function style({address, has}) {
  const of = (id, type, from, paint, more = {}) => has.has(from) ? [{id, type, source: 'ground', 'source-layer': from, paint, ...more}] : [];
  const named = (id, from, size, colour, minzoom, more = {}) => of(id, 'symbol', from,
    {'text-color': colour, 'text-halo-color': COLOURS.halo, 'text-halo-width': 1.6},
    {minzoom, layout: {'text-field': ['get', 'name'], 'text-font': ['sans-serif'], 'text-size': size, ...more}});
  const line = (id, source, colour, stroke, more = {}) => ({id, type: 'line', source, paint: {'line-color': colour, 'line-width': stroke, ...more}});
  const empty = name => [name, {type: 'geojson', data: {type: 'FeatureCollection', features: []}}];
  return {
    version: 8,
    sources: {...Object.fromEntries(['borders', 'selected', 'cursor', 'points'].map(empty)), ...(address && {ground: {type: 'vector', url: `pmtiles://${address}`}})},
    layers: [
      {id: 'land', type: 'background', paint: {'background-color': COLOURS.land}},
      ...of('parks', 'fill', 'parks', {'fill-color': COLOURS.park}),
      ...of('water', 'fill', 'water', {'fill-color': COLOURS.water}),
      {id: 'over', type: 'background', layout: {visibility: 'none'}},  // the cells come before it, streets and names after
      ...of('street-edges', 'line', 'streets', {'line-color': COLOURS.edge, 'line-width': width(11, .8, 16, 9)}),
      ...of('streets', 'line', 'streets', {'line-color': COLOURS.street, 'line-width': width(11, .4, 16, 7)}),
      line('borders', 'borders', '#3c3c44', 1, {'line-dasharray': [3, 2]}),
      line('selected-edge', 'selected', '#ffffff', width(10, 2.5, 15, 6)),
      line('selected', 'selected', MARKED, width(10, 1.4, 15, 3.2)),
      line('cursor-edge', 'cursor', '#ffffff', 7),
      line('cursor', 'cursor', '#111111', 3.5),
      {id: 'points', type: 'circle', source: 'points', paint: {'circle-radius': 8, 'circle-color': MARKED, 'circle-stroke-color': '#ffffff', 'circle-stroke-width': 2.5}},
      {id: 'point-names', type: 'symbol', source: 'points', layout: {'text-field': ['get', 'title'], 'text-font': ['sans-serif'], 'text-size': 13, 'text-anchor': 'top', 'text-offset': [0, .9]},
        paint: {'text-color': '#1c1c22', 'text-halo-color': COLOURS.halo, 'text-halo-width': 1.8}},
      ...named('street-names', 'streets', 12, COLOURS.name, 13, {'symbol-placement': 'line'}),
      ...named('park-names', 'parks', 12, '#2f5d33', 12),
      ...named('water-names', 'water', 12, '#27587a', 11),
      ...named('area-names', 'areas', 13, COLOURS.name, 0),
    ],
  };
}

/** The town's streets, parks, water and names, if it has brought any; the map is drawn without where they cannot be read. */
async function groundOf(maplibre) {
  const given = document.querySelector('meta[name="ground"]')?.content, none = {address: '', has: new Set()};
  const address = given && new URL(given, location.href);
  if (!address || address.origin !== location.origin) return none;
  try {
    await new Promise((done, failed) => document.head.append(made('script', {src: app.dataset.pmtiles, onload: done, onerror: failed})));
    const protocol = new globalThis.pmtiles.Protocol(), archive = new globalThis.pmtiles.PMTiles(address.href);
    protocol.add(archive);
    maplibre.addProtocol('pmtiles', protocol.tile);
    const {vector_layers: layers} = await archive.getMetadata();
    return {address: address.href, has: new Set(layers.map(layer => layer.id))};
  } catch { return none; }
}

async function makeMap(view, bounds) {
  const maplibre = await library;
  maplibre.setWorkerUrl(new URL(app.dataset.worker, location.href).href);
  const ground = await groundOf(maplibre);
  app.hidden = false;
  const made = new maplibre.Map({
    container: part('map'), style: style(ground), attributionControl: false, keyboard: false, dragRotate: false, pitchWithRotate: false,
    touchPitch: false, fadeDuration: 0, renderWorldCopies: false, ...(view ?? {bounds, fitBoundsOptions: {padding: app.dataset.points ? 80 : 20, animate: false, maxZoom: 15}}),
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
  if (event.key === 'Escape' && state.corner >= 0) return setCorner(-1);
  const zoom = {'+': 1, '=': 1, '-': -1}[event.key];
  if (zoom) map.jumpTo({zoom: map.getZoom() + zoom, center: current && state.cell >= 0 ? current.ground.middle(state.cell) : map.getCenter()});
  else if (event.key in ARROWS && current) {
    const {ground} = current, [across, down] = ARROWS[event.key];
    if (state.cell < 0) choose(chosenCells()[0] ?? Math.floor(ground.rows / 2) * ground.cols + Math.floor(ground.cols / 2), {move: true});
    else {
      const col = state.cell % ground.cols + across, row = Math.floor(state.cell / ground.cols) + down;
      if (col >= 0 && row >= 0 && col < ground.cols && row < ground.rows) choose(row * ground.cols + col, {move: true});
    }
  } else if (event.key in ARROWS && state.step) state.step(ARROWS[event.key]);
  else return;
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
  map.on('mousemove', event => { const cell = cellAt(event); if (cell !== hovered && state.corner < 0) tell(hovered = cell, false); });
  map.getCanvas().addEventListener('mouseleave', () => { hovered = -1; if (state.cell >= 0) tell(state.cell, false); });
  map.on('click', event => choose(cellAt(event)));
  part('tools').addEventListener('submit', event => event.preventDefault());
  part('tools').addEventListener('change', () => { player.stop(); player.line.textContent = ''; state.past = -1; }, true);  // before what changes
  document.getElementById('steps').addEventListener('change', draw);
  part('layers').addEventListener('change', event => { state.layer = event.target.value; state.hidden.clear(); draw(); });
  document.getElementById('shift').addEventListener('change', event => {
    Object.assign(state, {shift: event.target.value, layer: current.told.layers[0].id});
    draw();
  });
  part('sum').addEventListener('click', () => {
    if (state.cell < 0) choose(chosenCells()[0] ?? 0, {move: true});
    setCorner(state.corner < 0 ? state.cell : -1);
    map.getCanvas().focus();
  });
  document.getElementById('limit').addEventListener('input', event => setOption(Number(event.target.value)));
  document.getElementById('week')?.addEventListener('change', guarded(event => openCase(chosen(event.target).dataset)));
  document.getElementById('against')?.addEventListener('change', guarded(async event => { await setAgainst(chosen(event.target)); draw(); }));
}

// Points: the registered sensors at their public places

async function showPoints(address) {
  const found = await (await fetched(address)).json(), placed = found.features.filter(one => one.geometry);
  if (!placed.length) return;
  const at = placed.map(one => one.geometry.coordinates), ends = pick => [0, 1].map(k => pick(...at.map(point => point[k])));
  map = await makeMap(kept().view, [ends(Math.min), ends(Math.max)]);
  lines('points', placed.map(({id, geometry, properties}) => ({type: 'Feature', geometry, properties: {id, title: properties.title, why: properties.why, owner: properties.owner}})));
  map.on('click', 'points', ({features: [{properties}]}) => {
    part('cell').replaceChildren(made('p', {className: 'place'}, made('a', {href: app.dataset.sensor + encodeURIComponent(properties.id), textContent: properties.title})),
      ...[properties.why, properties.owner].map(text => made('p', {textContent: text})));
  });
}

// Areas: what is used in each, as its row of the table says

async function showAreas(address) {
  const data = await (await fetched(address)).json(), areas = data.features, middle = ({properties}) => properties.middle;
  const [titles, ...rows] = [...document.getElementById('area-table').rows];
  const corners = areas.flatMap(one => one.geometry.coordinates.flat(Infinity)), lons = corners.filter((_, k) => k % 2 === 0), lats = corners.filter((_, k) => k % 2);
  const least = values => values.reduce((a, b) => Math.min(a, b)), most = values => values.reduce((a, b) => Math.max(a, b));
  map = await makeMap(kept().view, [[least(lons), least(lats)], [most(lons), most(lats)]]);
  map.addSource('outlines', {type: 'geojson', data});
  map.addLayer({id: 'areas', type: 'fill', source: 'outlines', paint: {'fill-color': ['get', 'colour'], 'fill-opacity': OPACITY}}, 'over');
  map.addLayer({id: 'area-edges', type: 'line', source: 'outlines', paint: {'line-color': '#3c3c44', 'line-width': 1}}, 'over');
  let chosen;
  const tellArea = ({id, properties}) => {
    part('cell').replaceChildren(made('p', {className: 'place', textContent: properties.area}));
    show(rows[id] ? [...rows[id].cells].slice(1).map((slot, k) => [titles.cells[k + 1].textContent, [...slot.cloneNode(true).childNodes]]) : []);
  };
  state.choose = (area, {move = false} = {}) => {
    chosen = area;
    tellArea(area);
    lines('cursor', [area]);
    rows.forEach((row, k) => row.classList.toggle('chosen', k === area.id));
    part('live').textContent = [area.properties.area, ...[...part('facts').children].map(one => one.textContent)].join('. ');
    if (move && !map.getBounds().contains(middle(area))) map.panTo(middle(area), {animate: false});
    keep();
  };
  state.step = ([across, down]) => {  // the nearest one that lies that way
    const from = chosen ? middle(chosen) : map.getCenter().toArray(), narrow = Math.cos(from[1] * Math.PI / 180);
    const away = area => { const east = (middle(area)[0] - from[0]) * narrow, north = middle(area)[1] - from[1]; return [east * across - north * down, Math.hypot(east, north)]; };
    const there = areas.map(area => [area, ...away(area)]).filter(([area, along, far]) => area !== chosen && (!chosen || along > far * .7));
    const next = there.sort((a, b) => a[2] - b[2])[0];
    if (next) state.choose(next[0], {move: true});
  };
  state.areaName = () => chosen?.properties.area;
  areas.forEach(area => {
    const slot = rows[area.id]?.cells[0], button = made('button', {type: 'button', textContent: area.properties.area});
    button.addEventListener('click', () => state.choose(area, {move: true}));
    slot?.replaceChildren(button);
  });
  const under = ({features: [{id}]}) => areas.find(area => area.id === id);
  map.on('mousemove', 'areas', event => tellArea(under(event)));
  map.on('mouseleave', 'areas', () => { if (chosen) tellArea(chosen); });
  map.on('click', 'areas', event => state.choose(under(event)));
  const sensors = await (await fetched('/data/sensors.geojson')).json();
  lines('points', sensors.features.filter(({geometry, properties}) => geometry && properties.state === 'registered').map(({geometry, properties}) => ({type: 'Feature', geometry, properties: {title: properties.title}})));
  const wanted = areas.find(area => area.properties.area === kept().area);
  if (wanted) state.choose(wanted, {move: true});
}

function explain(error) {
  app.hidden = false;
  fail([401, 403, 404].includes(error.status) ? words.gone : /webgl/i.test(error.message) ? words.no_webgl : words.failed);
}

async function begin() {
  document.querySelector('[data-no-script]')?.remove();
  const want = kept();
  if (app.dataset.outlines) await showAreas(app.dataset.outlines);
  else if (app.dataset.points) await showPoints(app.dataset.points);
  else {
    const first = await caseOf(app.dataset);
    if (first.told.digest !== app.dataset.digest) { app.hidden = false; fail(words.stale); return; }
    Object.assign(state, {layer: want.layer, shift: want.shift, option: want.option});
    const [kinds, {Brush}, {Player}] = await Promise.all(['cells', 'brush', 'steps'].map(name => import(app.dataset[name])));
    kit = kinds;
    brush = new Brush(part('brush'), {kit, words, filled, figure, drawing}, brushed, keep);
    brush.set(want.ends);
    player = new Player(part('play'), {words, filled, made}, explain);
    const opened = (want.week && listed('week', want.week) || app).dataset, against = want.against && listed('against', want.against);
    current = await caseOf(opened);
    if (against) await setAgainst(against);
    map = await makeMap(want.view, current.ground.bounds());
    cells = new kit.CellLayer('cells');
    map.addLayer(cells, 'over');
    await openCase(opened, want.past);
    if (state.past >= 0) document.getElementById('steps').value = 'past';
    document.getElementById('map-options').hidden = true;
    if (want.cell) { const cell = current.ground.number(want.cell); if (cell >= 0) choose(cell, {move: true}); }
  }
  if (map && document.getElementById('map-still')) document.getElementById('map-still').hidden = true;
  const ready = () => { app.dataset.ready = Math.round(performance.now()); };
  if (!map) return ready();
  listen();
  map.loaded() ? ready() : map.once('idle', ready);
}

begin().catch(error => { part('map').parentElement.hidden = true; part('tools').hidden = true; explain(error); });
