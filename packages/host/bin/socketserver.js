#!/usr/bin/env node
'use strict';

const { main } = require('../dist/cli.js');
const { exit } = require('../dist/exit.js');

void main().then(exit);
