import './style/base.css';
import './style/frame.css';
import './style/parts.css';

import { render } from 'preact';

import { loadSession } from './api/session.js';
import { App } from './app.js';

const root = document.getElementById('console');
if (root !== null) {
  render(<App />, root);
  void loadSession();
}
