/** Pictures for the magazine, drawn here so that nothing has to be downloaded. */

type Picture = { name: string; title: string; from: string; to: string };

export const RIVER: Picture = { name: 'river.svg', title: 'A river', from: '#0f766e', to: '#a7f3d0' };
export const TRAIN: Picture = { name: 'train.svg', title: 'A night train', from: '#1e1b4b', to: '#a78bfa' };
export const POTATOES: Picture = { name: 'potatoes.svg', title: 'Potatoes', from: '#78350f', to: '#fde68a' };
export const LOGO: Picture = { name: 'logo.svg', title: 'Logo', from: '#111827', to: '#6366f1' };
export const DUSK: Picture = { name: 'river.svg', title: 'A river', from: '#7c2d12', to: '#fdba74' };
export const LAGOON: Picture = { name: 'lagoon.svg', title: 'A lagoon', from: '#0c4a6e', to: '#7dd3fc' };

export const draw = ({ title, from, to }: Picture): Buffer =>
	Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="960" height="540" viewBox="0 0 960 540">
<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
<stop offset="0" stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient></defs>
<rect width="960" height="540" fill="url(#sky)"/>
<circle cx="720" cy="150" r="70" fill="#fff" opacity="0.85"/>
<path d="M0 400 Q240 300 480 400 T960 380 V540 H0 Z" fill="${from}" opacity="0.75"/>
<text x="60" y="480" font-family="sans-serif" font-size="56" fill="#fff">${title}</text></svg>`);
