import './style/base.css';
import './style/frame.css';
import './style/parts.css';
import './style/print.css';
import './style/wall.css';

import { render } from 'preact';

import { loadSession } from './api/session.js';
import { App } from './app.js';
import { followVersions } from './frame/new-version.js';

const root = document.getElementById('console');
if (root !== null) {
  render(<App />, root);
  void loadSession();
  followVersions();
}
