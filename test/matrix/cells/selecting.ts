import { transports } from '@socketserver/core';
import { strategyContract } from '@socketserver/testing';

for (const transport of transports) strategyContract('selecting', transport);
